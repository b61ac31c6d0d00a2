/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"

#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "store/remote/channel.h"
#include "store/remote/host.h"
#include "store/log.h"

/*
 * The store process's end gets any bytes in the place of a module's, for a store of environment
 * variables. An input whose first byte is even follows a valid OPEN; one whose first byte is odd
 * stands alone. The connection must always end.
 */

static struct store_conf_set *set;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return store_conf_begin(&set, "fuzz", "env") == STORE_OK ? 0 : 1;
}

/* Discards the host's answers, so that it does not block. */
static void *drain(void *arg)
{
    char bytes[4096];

    while (read(*(int *)arg, bytes, sizeof bytes) > 0)
        continue;
    return NULL;
}

static void send_open(int fd)
{
    AUTO_FRAME_OUT out = {0};

    frame_begin(&out, FRAME_OPEN);
    frame_put_u32(&out, FRAME_MAGIC);
    frame_put_u32(&out, FRAME_VERSION);
    frame_put_u8(&out, STORE_LOG_ERROR);
    frame_put_text(&out, "stderr");
    frame_put_text(&out, "fuzz");
    frame_put_text(&out, "env");
    frame_put_u32(&out, 0);
    FUZZ_CHECK(frame_end(&out) == STORE_OK);
    FUZZ_CHECK(channel_send(&(struct channel){fd, -1}, &out, CHANNEL_FOREVER) == STORE_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct host host;
    pthread_t drainer;
    int ends[2];

    if (size == 0 || size > 60000) /* as much as the socket holds without a reader */
        return 0;
    FUZZ_CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    host_init(&host, NULL);
    store_log_redirect(fuzz_drop_line, NULL);
    if (data[0] % 2 == 0)
        send_open(ends[0]);
    FUZZ_CHECK(write(ends[0], data + 1, size - 1) == (ssize_t)(size - 1));
    shutdown(ends[0], SHUT_WR);
    FUZZ_CHECK(pthread_create(&drainer, NULL, drain, &ends[0]) == 0);
    host_serve(&host, ends[1]);
    pthread_join(drainer, NULL);
    close(ends[0]);
    host_free(&host);
    return 0;
}
