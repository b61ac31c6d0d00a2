/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/store/cache/scripted.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct scripted scripted;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

struct store_ctx {
    int unused;
};

static enum store_err scripted_new(struct store_ctx **out, const struct store_conf *conf)
{
    (void)conf;
    *out = calloc(1, sizeof **out);
    return *out == NULL ? STORE_NO_MEMORY : STORE_OK;
}

static void scripted_close(struct store_ctx *ctx)
{
    free(ctx);
}

void scripted_release(void)
{
    pthread_mutex_lock(&lock);
    atomic_store(&scripted.hold, false);
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

void scripted_wait_held(int count)
{
    pthread_mutex_lock(&lock);
    while (atomic_load(&scripted.held) < count)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
}

static void stay(void)
{
    pthread_mutex_lock(&lock);
    atomic_fetch_add(&scripted.held, 1);
    pthread_cond_broadcast(&changed);
    while (atomic_load(&scripted.hold))
        pthread_cond_wait(&changed, &lock);
    atomic_fetch_sub(&scripted.held, 1);
    pthread_mutex_unlock(&lock);
}

static enum store_err fill(struct store_record *out)
{
    int value = atomic_load(&scripted.value);
    char text[16];

    store_record_clear(out);
    snprintf(text, sizeof text, "%d", value);
    snprintf(out->version, sizeof out->version, "%d", value);
    return store_secret_set(&out->value, text, strlen(text));
}

static enum store_err scripted_read(struct store_ctx *ctx, const char *key,
                                    struct store_record *out)
{
    enum store_err err = atomic_load(&scripted.err);

    (void)ctx;
    (void)key;
    atomic_fetch_add(&scripted.reads, 1);
    store_record_clear(out);
    if (err == STORE_OK)
        TRY(fill(out));
    if (atomic_load(&scripted.hold))
        stay();
    return err;
}

static enum store_err scripted_read_many(struct store_ctx *ctx, const char *const *keys,
                                         size_t count, store_each_fn *each, void *arg)
{
    enum store_err err = atomic_load(&scripted.err);

    (void)ctx;
    atomic_fetch_add(&scripted.bulk_reads, 1);
    atomic_fetch_add(&scripted.bulk_keys, (int)count);
    if (err == STORE_UNAVAILABLE || err == STORE_TIMEOUT)
        return err;
    TRY(atomic_load(&scripted.bulk_err));
    for (size_t i = 0; i < count; i++) {
        AUTO_RECORD record = {0};
        if (err == STORE_OK)
            TRY(fill(&record));
        TRY(each(arg, keys[i], err, err == STORE_OK ? &record : NULL));
    }
    return STORE_OK;
}

static enum store_err scripted_list(struct store_ctx *ctx, const char *prefix, uint64_t *generation,
                                    store_each_fn *each, void *arg)
{
    AUTO_RECORD record = {0};

    (void)ctx;
    (void)prefix;
    atomic_fetch_add(&scripted.lists, 1);
    if (generation != NULL)
        *generation = 0;
    TRY(atomic_load(&scripted.err));
    TRY(fill(&record));
    return each(arg, "global/listed", STORE_OK, &record);
}

static enum store_err scripted_write(struct store_ctx *ctx, const char *key,
                                     const struct store_secret *value, const char *if_version,
                                     struct store_record *out)
{
    char text[16] = "";

    (void)ctx;
    (void)key;
    (void)if_version;
    atomic_fetch_add(&scripted.writes, 1);
    TRY(atomic_load(&scripted.err));
    memcpy(text, value->data, value->len < sizeof text ? value->len : sizeof text - 1);
    atomic_store(&scripted.value, atoi(text));
    if (out != NULL) {
        TRY(fill(out));
        store_secret_wipe(&out->value);
    }
    return STORE_OK;
}

static enum store_err scripted_remove(struct store_ctx *ctx, const char *key,
                                      const char *if_version)
{
    (void)ctx;
    (void)key;
    (void)if_version;
    return atomic_load(&scripted.err);
}

static void scripted_logout(struct store_ctx *ctx)
{
    (void)ctx;
    atomic_fetch_add(&scripted.logouts, 1);
}

static enum store_err scripted_probe(struct store_ctx *ctx, int64_t wait_ns)
{
    (void)ctx;
    (void)wait_ns;
    atomic_fetch_add(&scripted.probes, 1);
    if (atomic_load(&scripted.probe_hold))
        return STORE_UNCHANGED;
    return atomic_load(&scripted.probe_well) ? STORE_OK : atomic_load(&scripted.err);
}

const struct store_backend scripted_backend = {
    .open = scripted_new,
    .close = scripted_close,
    .read = scripted_read,
    .read_many = scripted_read_many,
    .list = scripted_list,
    .write = scripted_write,
    .remove = scripted_remove,
    .logout = scripted_logout,
    .probe = scripted_probe,
};

void scripted_open(struct store *out)
{
    atomic_store(&scripted.err, STORE_OK);
    atomic_store(&scripted.value, 1);
    atomic_store(&scripted.reads, 0);
    atomic_store(&scripted.bulk_reads, 0);
    atomic_store(&scripted.bulk_keys, 0);
    atomic_store(&scripted.bulk_err, STORE_OK);
    atomic_store(&scripted.writes, 0);
    atomic_store(&scripted.lists, 0);
    atomic_store(&scripted.probes, 0);
    atomic_store(&scripted.probe_hold, false);
    atomic_store(&scripted.probe_well, false);
    atomic_store(&scripted.logouts, 0);
    atomic_store(&scripted.hold, false);
    *out = (struct store){.backend = &scripted_backend};
    if (scripted_new(&out->ctx, NULL) != STORE_OK)
        abort();
}
