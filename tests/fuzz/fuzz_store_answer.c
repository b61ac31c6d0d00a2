/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "store/remote/channel.h"
#include "store/backend.h"
#include "store/log.h"
#include "store/scope.h"

/*
 * The module's end gets any bytes as a store process's answer. That one listens on a socket, lets
 * the connection be opened, takes a request and sends the input; the first byte chooses the call.
 */

static char folder[] = "/tmp/fuzz-answer-XXXXXX";
static char path[64];
static int listener;
static struct store_conf_set *set;

static void remove_folder(void)
{
    unlink(path);
    rmdir(folder);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    (void)argc;
    (void)argv;
    FUZZ_CHECK(mkdtemp(folder) != NULL && atexit(remove_folder) == 0);
    snprintf(path, sizeof path, "%s/socket", folder);
    memcpy(address.sun_path, path, strlen(path));
    listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    FUZZ_CHECK(bind(listener, (struct sockaddr *)&address, sizeof address) == 0);
    FUZZ_CHECK(listen(listener, 1) == 0);
    FUZZ_CHECK(store_conf_begin(&set, "fuzz", "aws") == STORE_OK);
    FUZZ_CHECK(store_conf_put(set, "store.socket", path, strlen(path), "fuzz") == STORE_OK);
    return 0;
}

struct input {
    const uint8_t *data;
    size_t size;
};

static void *answer(void *arg)
{
    const struct input *input = arg;
    AUTO_FRAME_OUT out = {0};
    AUTO_SECRET body = {0};
    struct channel channel = {accept4(listener, NULL, NULL, SOCK_CLOEXEC), -1};
    uint8_t type;

    FUZZ_CHECK(channel_receive(&channel, &type, &body, CHANNEL_FOREVER) == STORE_OK);
    frame_begin(&out, FRAME_RESULT);
    frame_put_err(&out, STORE_OK);
    FUZZ_CHECK(frame_end(&out) == STORE_OK);
    FUZZ_CHECK(channel_send(&channel, &out, CHANNEL_FOREVER) == STORE_OK);
    FUZZ_CHECK(channel_receive(&channel, &type, &body, CHANNEL_FOREVER) == STORE_OK);
    (void)!send(channel.fd, input->data, input->size, MSG_NOSIGNAL);
    channel_close(&channel);
    return NULL;
}

static enum store_err each(void *arg, const char *key, enum store_err err,
                           const struct store_record *record)
{
    (void)arg;
    FUZZ_CHECK(store_scope_parse(key, strlen(key), NULL) == STORE_OK);
    FUZZ_CHECK(record == NULL || err == STORE_OK);
    return STORE_OK;
}

/* One call, chosen by `which`. */
static void call(const struct store *store, unsigned which)
{
    static const char *const keys[] = {"global/a", "global/b"};
    AUTO_RECORD record = {0};
    AUTO_VERSIONS versions = {0};
    AUTO_SECRET value = {0};
    struct store_health health;
    uint64_t generation = 0;
    enum store_err err = STORE_OK;

    FUZZ_CHECK(store_secret_set(&value, "x", 1) == STORE_OK);
    if (which == 0)
        err = store->backend->read(store->ctx, keys[0], &record);
    else if (which == 1)
        err = store->backend->read_many(store->ctx, keys, 2, each, NULL);
    else if (which == 2)
        err = store->backend->list(store->ctx, "", &generation, each, NULL);
    else if (which == 3)
        err = store->backend->write(store->ctx, keys[0], &value, NULL, &record);
    else if (which == 4)
        err = store->backend->login(store->ctx, &value);
    else if (which == 5)
        err = store->backend->versions(store->ctx, keys[0], &versions);
    else if (which == 6)
        err = store->backend->read_version(store->ctx, keys[0], "1", &record);
    else
        store->backend->health(store->ctx, &health);
    FUZZ_CHECK(versions.count <= STORE_VERSIONS_MAX);
    FUZZ_CHECK((which != 0 && which != 6) || (err == STORE_OK) == (record.value.len > 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data + 1, size - 1};
    struct store store;
    pthread_t thread;

    if (size == 0 || size > 60000)
        return 0;
    store_log_redirect(fuzz_drop_line, NULL);
    FUZZ_CHECK(pthread_create(&thread, NULL, answer, &input) == 0);
    FUZZ_CHECK(store_open_at(&store, store_conf_at(set, 0), STORE_IN_STORE_PROCESS) == STORE_OK);
    call(&store, data[0] % 8);
    store_close(&store);
    pthread_join(thread, NULL);
    return 0;
}
