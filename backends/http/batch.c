/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/http/http.h"

#include <string.h>

#include "backends/http/handle.h"
#include "store/descriptor.h"

#define AT_ONCE_MAX 64
#define WAIT_MS 1000 /* libcurl shortens it to its own next deadline */

/* A running batch. A slot whose handle is NULL is free. */
struct batch {
    struct http_client *client;
    CURLM *multi;
    const struct http_request *requests;
    size_t count;
    size_t next; /* the first request that has not begun */
    size_t running;
    http_each_fn *each;
    void *arg;
    size_t index[AT_ONCE_MAX];
    struct http_running slots[AT_ONCE_MAX];
    struct http_reply replies[AT_ONCE_MAX];
};

static CURLM *multi_acquire(struct http_client *client, size_t at_once)
{
    CURLM *multi = NULL;

    (void)pthread_mutex_lock(&client->lock);
    if (client->batch_count > 0)
        multi = client->batches[--client->batch_count];
    (void)pthread_mutex_unlock(&client->lock);
    if (multi == NULL)
        multi = curl_multi_init();
    if (multi == NULL)
        return NULL;
    /* Keeps as many connections open as there may be requests at a time. */
    (void)curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)at_once);
    (void)curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)at_once);
    return multi;
}

static void multi_release(struct http_client *client, CURLM *multi)
{
    (void)pthread_mutex_lock(&client->lock);
    if (client->batch_count < HTTP_BATCHES_MAX) {
        client->batches[client->batch_count++] = multi;
        multi = NULL;
    }
    (void)pthread_mutex_unlock(&client->lock);
    if (multi != NULL)
        (void)curl_multi_cleanup(multi);
}

static enum store_err answer(struct batch *batch, size_t slot, enum store_err err)
{
    struct http_reply *reply = &batch->replies[slot];

    err = batch->each(batch->arg, batch->index[slot], err, reply);
    store_secret_wipe(&reply->body);
    return err;
}

/* Begins requests in the free slots. A request that cannot begin gets its answer at once. */
static enum store_err batch_fill(struct batch *batch, size_t at_once)
{
    for (size_t slot = 0; slot < at_once && batch->next < batch->count; slot++) {
        struct http_running *running = &batch->slots[slot];
        enum store_err err;

        if (running->handle != NULL)
            continue;
        batch->index[slot] = batch->next;
        *running = (struct http_running){.request = &batch->requests[batch->next++],
                                         .reply = &batch->replies[slot]};
        err = http_begin(batch->client, running);
        if (err == STORE_OK && curl_multi_add_handle(batch->multi, running->handle) != CURLM_OK) {
            http_abandon(batch->client, running);
            err = STORE_NO_MEMORY;
        }
        if (err == STORE_OK)
            batch->running++;
        else
            TRY(answer(batch, slot, err));
    }
    return STORE_OK;
}

static size_t slot_of(const struct batch *batch, const CURL *handle)
{
    size_t slot = 0;

    while (batch->slots[slot].handle != handle)
        slot++;
    return slot;
}

/* Delivers the requests that have ended. */
static enum store_err batch_collect(struct batch *batch)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(batch->multi, &left)) != NULL) {
        CURLcode code = message->data.result;
        size_t slot;

        if (message->msg != CURLMSG_DONE)
            continue;
        slot = slot_of(batch, message->easy_handle);
        (void)curl_multi_remove_handle(batch->multi, batch->slots[slot].handle);
        batch->running--;
        TRY(answer(batch, slot, http_end(batch->client, &batch->slots[slot], code)));
    }
    return STORE_OK;
}

static enum store_err batch_work(struct batch *batch, size_t at_once)
{
    int running;

    while (batch->next < batch->count || batch->running > 0) {
        TRY(batch_fill(batch, at_once));
        if (curl_multi_perform(batch->multi, &running) != CURLM_OK)
            return STORE_FAILED;
        TRY(batch_collect(batch));
        if (batch->running > 0 && (size_t)running == batch->running &&
            curl_multi_poll(batch->multi, NULL, 0, WAIT_MS, NULL) != CURLM_OK)
            return STORE_FAILED;
    }
    return STORE_OK;
}

enum store_err http_run_many(struct http_client *client, const struct http_request *requests,
                             size_t count, size_t at_once, http_each_fn *each, void *arg)
{
    struct batch batch = {.client = client,
                          .multi = multi_acquire(client, at_once),
                          .requests = requests,
                          .count = count,
                          .each = each,
                          .arg = arg};
    struct store_quiet quiet;
    enum store_err err;

    if (batch.multi == NULL)
        return STORE_NO_MEMORY;
    store_quiet_begin(&quiet);
    err = batch_work(&batch, at_once < AT_ONCE_MAX ? at_once : AT_ONCE_MAX);
    for (size_t slot = 0; slot < AT_ONCE_MAX; slot++) {
        if (batch.slots[slot].handle != NULL) {
            (void)curl_multi_remove_handle(batch.multi, batch.slots[slot].handle);
            http_abandon(client, &batch.slots[slot]);
        }
        store_secret_wipe(&batch.replies[slot].body);
    }
    multi_release(client, batch.multi);
    store_quiet_end(&quiet);
    return err;
}
