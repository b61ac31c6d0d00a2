/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/writer.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sideseat-pkcs11.h"
#include "tools/sideseat-secrets/make.h"

/* Writes at the same time: as many as the stores' clients have connections for. */
#define WRITERS 8

struct work {
    struct transfer *transfer;
    atomic_size_t next;
    atomic_size_t done;
    atomic_bool stop;
    _Atomic CK_RV reason; /* why it stopped; CKR_OK: it did not */
};

struct writer {
    struct work *work;
    struct client client;
    pthread_t thread;
    bool running;
};

/* True if the next write would fail in the same way. */
static bool is_final(CK_RV rv)
{
    static const CK_RV final[] = {CKR_DEVICE_ERROR,          CKR_DEVICE_REMOVED,
                                  CKR_TOKEN_NOT_PRESENT,     CKR_USER_NOT_LOGGED_IN,
                                  CKR_TOKEN_WRITE_PROTECTED, CKR_SIDESEAT_UNAUTHENTICATED,
                                  CKR_SIDESEAT_MISCONFIGURED};

    for (size_t i = 0; i < sizeof final / sizeof final[0]; i++)
        if (rv == final[i])
            return true;
    return false;
}

static void write_one(struct work *work, struct client *client, struct transfer_item *item)
{
    const char *version = item->version[0] == '\0' ? NULL : item->version;
    CK_OBJECT_HANDLE object = 0;

    if (item->state != TRANSFER_ABSENT && item->state != TRANSFER_REPLACED)
        return;
    item->rv = make_secret(client, item->key, &item->value, version, &object);
    item->made = item->rv == CKR_OK && item->state == TRANSFER_ABSENT;
    if (item->rv == CKR_OK)
        item->state = TRANSFER_WRITTEN;
    else if (item->rv == CKR_SIDESEAT_CONFLICT)
        item->state = TRANSFER_CONFLICT;
    else
        item->state = TRANSFER_FAILED;
    if (is_final(item->rv)) {
        atomic_store(&work->reason, item->rv);
        atomic_store(&work->stop, true);
    }
}

static void *write_all(void *arg)
{
    struct writer *writer = arg;
    struct work *work = writer->work;
    size_t at;

    while (!atomic_load(&work->stop) &&
           (at = atomic_fetch_add(&work->next, 1)) < work->transfer->count) {
        write_one(work, &writer->client, &work->transfer->items[at]);
        (void)atomic_fetch_add(&work->done, 1);
    }
    return NULL;
}

/* Shows the progress until all threads have ended. */
static void show_progress(struct work *work)
{
    const struct timespec pause = {0, 100L * 1000 * 1000};
    size_t done = 0;

    if (!isatty(STDERR_FILENO))
        return;
    while (!atomic_load(&work->stop) && done < work->transfer->count) {
        (void)nanosleep(&pause, NULL);
        done = atomic_load(&work->done);
        (void)fprintf(stderr, "\r%zu of %zu", done, work->transfer->count);
    }
    (void)fputs("\r\033[K", stderr);
}

/* A second session with the client's token; without one, the other writers do its work. */
static bool start(struct writer *writer, struct work *work, const struct client *client)
{
    CK_FLAGS flags = CKF_SERIAL_SESSION | CKF_RW_SESSION;

    writer->work = work;
    writer->client = *client;
    writer->client.session = 0;
    if (client->p11->C_OpenSession(client->slot, flags, NULL, NULL, &writer->client.session) !=
        CKR_OK)
        return false;
    writer->running = pthread_create(&writer->thread, NULL, write_all, writer) == 0;
    return writer->running;
}

void writer_run(struct transfer *transfer, struct client *client)
{
    struct work work = {.transfer = transfer};
    struct writer writers[WRITERS] = {0};
    struct writer own = {.work = &work, .client = *client};
    bool any = false;

    for (size_t i = 0; i < WRITERS && i < transfer->count; i++)
        any = start(&writers[i], &work, client) || any;
    if (any)
        show_progress(&work);
    else
        (void)write_all(&own);
    for (size_t i = 0; i < WRITERS; i++) {
        if (writers[i].running)
            (void)pthread_join(writers[i].thread, NULL);
        client_disconnect(&writers[i].client);
    }
    for (size_t i = 0; i < transfer->count; i++) {
        struct transfer_item *item = &transfer->items[i];
        if (item->state != TRANSFER_ABSENT && item->state != TRANSFER_REPLACED)
            continue;
        item->state = TRANSFER_FAILED;
        item->rv = atomic_load(&work.reason);
        item->outcome = OUTCOME_FAILED;
    }
}
