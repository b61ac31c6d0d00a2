/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/memory/memory.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "store/log.h"
#include "store/scope.h"
#include "store/time.h"

#define KEPT 10 /* old versions of a secret, as in Vault */

/* One version of a secret. */
struct kept {
    struct store_record record;
    bool deleted;
};

struct entry {
    UT_hash_handle hh;
    struct store_record record;
    bool deleted;          /* by retire */
    uint32_t number;       /* of the record: its writes so far */
    size_t old_count;      /* of versions in `old`, the oldest first */
    struct kept old[KEPT]; /* the replaced versions */
    char key[];
};

struct store_ctx {
    pthread_mutex_t lock; /* guards the members below; held for moments only */
    struct entry *entries;
    uint64_t changes; /* the last write's version and the listings' generation; starts at 1 */
};

/* A copy of the store for a listing, so that no lock is held while `each` runs, and a change
 * meanwhile does no harm. */
struct snapshot {
    size_t count;
    struct snapshot_item {
        struct store_record record;
        char key[STORE_KEY_MAX + 1];
    } items[];
};

/* The entry of a secret, deleted or not. */
static struct entry *entry_any(struct store_ctx *ctx, const char *key)
{
    struct entry *entry;

    HASH_FIND_STR(ctx->entries, key, entry);
    return entry;
}

static struct entry *entry_find(struct store_ctx *ctx, const char *key)
{
    struct entry *entry = entry_any(ctx, key);

    return entry == NULL || entry->deleted ? NULL : entry;
}

static void entry_free(struct entry *entry)
{
    for (size_t i = 0; i < entry->old_count; i++)
        store_record_clear(&entry->old[i].record);
    store_record_clear(&entry->record);
    free(entry);
}

/* Adds an empty entry to the table; NULL without memory. */
static struct entry *entry_add(struct store_ctx *ctx, const char *key)
{
    size_t size = strlen(key) + 1;
    struct entry *entry = calloc(1, sizeof *entry + size);

    if (entry == NULL)
        return NULL;
    memcpy(entry->key, key, size);
    HASH_ADD_KEYPTR(hh, ctx->entries, entry->key, size - 1, entry);
    if (entry->hh.tbl != NULL)
        return entry;
    free(entry); /* the table could not grow, and is as it was */
    return NULL;
}

static enum store_err memory_open(struct store_ctx **out, const struct store_conf *conf)
{
    struct store_ctx *ctx = calloc(1, sizeof *ctx);

    (void)conf;
    if (ctx == NULL)
        return store_no_memory("memory");
    pthread_mutex_init(&ctx->lock, NULL);
    ctx->changes = 1;
    *out = ctx;
    return STORE_OK;
}

static void memory_close(struct store_ctx *ctx)
{
    struct entry *entry;
    struct entry *next;

    if (ctx == NULL)
        return;
    HASH_ITER(hh, ctx->entries, entry, next)
    {
        HASH_DEL(ctx->entries, entry);
        entry_free(entry);
    }
    pthread_mutex_destroy(&ctx->lock);
    free(ctx);
}

static enum store_err memory_read(struct store_ctx *ctx, const char *key, struct store_record *out)
{
    struct entry *entry;

    store_record_clear(out);
    pthread_mutex_lock(&ctx->lock);
    entry = entry_find(ctx, key);
    if (entry != NULL)
        store_record_share(out, &entry->record);
    pthread_mutex_unlock(&ctx->lock);
    return entry == NULL ? STORE_NOT_FOUND : STORE_OK;
}

static void snapshot_free(struct snapshot *snapshot)
{
    for (size_t i = 0; i < snapshot->count; i++)
        store_record_clear(&snapshot->items[i].record);
    free(snapshot);
}

/* Copies the secrets under `prefix`; NULL without memory. The ctx is locked. */
static struct snapshot *snapshot_copy(struct store_ctx *ctx, const char *prefix)
{
    size_t room = HASH_COUNT(ctx->entries);
    struct snapshot *taken = calloc(1, sizeof *taken + room * sizeof taken->items[0]);
    size_t prefix_len = strlen(prefix);

    if (taken == NULL)
        return NULL;
    for (struct entry *entry = ctx->entries; entry != NULL; entry = entry->hh.next) {
        if (entry->deleted || strncmp(entry->key, prefix, prefix_len) != 0)
            continue;
        snprintf(taken->items[taken->count].key, sizeof taken->items[0].key, "%s", entry->key);
        store_record_share(&taken->items[taken->count].record, &entry->record);
        taken->count++;
    }
    return taken;
}

static enum store_err memory_list(struct store_ctx *ctx, const char *prefix, uint64_t *generation,
                                  store_each_fn *each, void *arg)
{
    struct snapshot *taken = NULL;
    enum store_err err = STORE_OK;
    bool unchanged;

    pthread_mutex_lock(&ctx->lock);
    unchanged = generation != NULL && *generation == ctx->changes;
    if (!unchanged)
        taken = snapshot_copy(ctx, prefix);
    if (generation != NULL)
        *generation = ctx->changes;
    pthread_mutex_unlock(&ctx->lock);
    if (unchanged)
        return STORE_UNCHANGED;
    if (taken == NULL)
        return store_no_memory("memory");
    for (size_t i = 0; i < taken->count && err == STORE_OK; i++)
        err = each(arg, taken->items[i].key, STORE_OK, &taken->items[i].record);
    snapshot_free(taken);
    return err;
}

/* CONFLICT or NOT_FOUND unless the stored entry (NULL: none) has the version that the caller
 * expects. */
static enum store_err version_check(const struct entry *entry, const char *if_version)
{
    return store_version_check(if_version, entry != NULL,
                               entry == NULL ? NULL : entry->record.version);
}

/* Keeps the record that a write replaces. */
static void entry_keep(struct entry *entry)
{
    if (entry->record.version[0] == '\0')
        return;
    if (entry->old_count == KEPT) {
        store_record_clear(&entry->old[0].record);
        memmove(&entry->old[0], &entry->old[1], (KEPT - 1) * sizeof entry->old[0]);
        entry->old[--entry->old_count] = (struct kept){.deleted = false};
    }
    store_record_share(&entry->old[entry->old_count].record, &entry->record);
    entry->old[entry->old_count++].deleted = entry->deleted;
}

/* Stores `value` in `entry`, with the time of now. */
static void entry_update(struct store_ctx *ctx, struct entry *entry,
                         const struct store_secret *value)
{
    entry_keep(entry);
    if (entry->deleted)
        entry->record.created_ns = 0;
    entry->deleted = false;
    entry->number++;
    store_secret_share(&entry->record.value, value);
    entry->record.updated_ns = store_time_now();
    if (entry->record.created_ns == 0)
        entry->record.created_ns = entry->record.updated_ns;
    snprintf(entry->record.version, sizeof entry->record.version, "%" PRIu64, ++ctx->changes);
}

/* memory_write with the ctx locked. */
static enum store_err write_locked(struct store_ctx *ctx, const char *key,
                                   const struct store_secret *value, const char *if_version,
                                   struct store_record *out)
{
    struct entry *entry = entry_find(ctx, key);

    TRY(version_check(entry, if_version));
    entry = entry_any(ctx, key);
    if (entry == NULL)
        entry = entry_add(ctx, key);
    if (entry == NULL)
        return STORE_NO_MEMORY;
    entry_update(ctx, entry, value);
    if (out != NULL) {
        store_record_share(out, &entry->record);
        store_secret_wipe(&out->value);
    }
    return STORE_OK;
}

static enum store_err memory_write(struct store_ctx *ctx, const char *key,
                                   const struct store_secret *value, const char *if_version,
                                   struct store_record *out)
{
    enum store_err err;

    if (out != NULL)
        store_record_clear(out);
    pthread_mutex_lock(&ctx->lock);
    err = write_locked(ctx, key, value, if_version, out);
    pthread_mutex_unlock(&ctx->lock);
    return err == STORE_NO_MEMORY ? store_no_memory("memory") : err;
}

static enum store_err memory_remove(struct store_ctx *ctx, const char *key, const char *if_version)
{
    struct entry *entry;
    enum store_err err;

    pthread_mutex_lock(&ctx->lock);
    entry = entry_find(ctx, key);
    err = entry == NULL ? STORE_NOT_FOUND : version_check(entry, if_version);
    if (err == STORE_OK) {
        HASH_DEL(ctx->entries, entry);
        ctx->changes++;
    }
    pthread_mutex_unlock(&ctx->lock);
    if (err == STORE_OK)
        entry_free(entry);
    return err;
}

static enum store_err memory_destroy(struct store_ctx *ctx, const char *key)
{
    struct entry *entry;

    pthread_mutex_lock(&ctx->lock);
    entry = entry_any(ctx, key);
    if (entry != NULL) {
        HASH_DEL(ctx->entries, entry);
        ctx->changes++;
    }
    pthread_mutex_unlock(&ctx->lock);
    if (entry == NULL)
        return STORE_NOT_FOUND;
    entry_free(entry);
    return STORE_OK;
}

static enum store_err memory_retire(struct store_ctx *ctx, const char *key)
{
    struct entry *entry;

    pthread_mutex_lock(&ctx->lock);
    entry = entry_find(ctx, key);
    if (entry != NULL) {
        entry->deleted = true;
        ctx->changes++;
    }
    pthread_mutex_unlock(&ctx->lock);
    return entry == NULL ? STORE_NOT_FOUND : STORE_OK;
}

/* Version `i` of an entry, counted from the newest: its record, and where its state is kept. */
static struct store_record *version_at(struct entry *entry, size_t i, bool **deleted)
{
    struct kept *kept;

    *deleted = &entry->deleted;
    if (i == 0)
        return &entry->record;
    kept = &entry->old[entry->old_count - i];
    *deleted = &kept->deleted;
    return &kept->record;
}

static enum store_err memory_versions(struct store_ctx *ctx, const char *key,
                                      struct store_versions *out)
{
    enum store_err err = STORE_OK;
    struct entry *entry;

    out->destroyed_by_remove = true;
    pthread_mutex_lock(&ctx->lock);
    entry = entry_any(ctx, key);
    for (size_t i = 0; entry != NULL && i <= entry->old_count && err == STORE_OK; i++) {
        struct store_version version = {.number = entry->number - (uint32_t)i};
        bool *deleted;
        const struct store_record *record = version_at(entry, i, &deleted);

        memcpy(version.id, record->version, sizeof version.id);
        version.created_ns = record->updated_ns;
        version.state = *deleted ? STORE_VERSION_DELETED
                        : i == 0 ? STORE_VERSION_CURRENT
                                 : STORE_VERSION_OLD;
        err = store_versions_add(out, &version);
    }
    pthread_mutex_unlock(&ctx->lock);
    if (err != STORE_OK)
        return store_no_memory("memory");
    return entry == NULL ? STORE_NOT_FOUND : STORE_OK;
}

/* The version of this id, and its state; NULL if there is none. The ctx is locked. */
static struct store_record *version_find(struct store_ctx *ctx, const char *key, const char *id,
                                         bool **deleted)
{
    struct entry *entry = entry_any(ctx, key);

    for (size_t i = 0; entry != NULL && i <= entry->old_count; i++) {
        struct store_record *record = version_at(entry, i, deleted);

        if (strcmp(record->version, id) == 0)
            return record;
    }
    return NULL;
}

static enum store_err memory_read_version(struct store_ctx *ctx, const char *key, const char *id,
                                          struct store_record *out)
{
    const struct store_record *record;
    bool *deleted;

    store_record_clear(out);
    pthread_mutex_lock(&ctx->lock);
    record = version_find(ctx, key, id, &deleted);
    if (record != NULL && *deleted)
        record = NULL;
    if (record != NULL)
        store_record_share(out, record);
    pthread_mutex_unlock(&ctx->lock);
    return record == NULL ? STORE_NOT_FOUND : STORE_OK;
}

static enum store_err memory_restore(struct store_ctx *ctx, const char *key, const char *id)
{
    const struct store_record *record;
    bool *deleted;

    pthread_mutex_lock(&ctx->lock);
    record = version_find(ctx, key, id, &deleted);
    if (record != NULL && *deleted) {
        *deleted = false;
        ctx->changes++;
    }
    pthread_mutex_unlock(&ctx->lock);
    return record == NULL ? STORE_NOT_FOUND : STORE_OK;
}

/* Without read_many (one by one is as fast), login and health: the store is always well. */
const struct store_backend memory_backend = {
    .open = memory_open,
    .close = memory_close,
    .read = memory_read,
    .list = memory_list,
    .write = memory_write,
    .remove = memory_remove,
    .versions = memory_versions,
    .read_version = memory_read_version,
    .retire = memory_retire,
    .restore = memory_restore,
    .destroy = memory_destroy,
};
