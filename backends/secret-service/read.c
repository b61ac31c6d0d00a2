/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/secret-service/calls.h"

#include <string.h>

#include "backends/secret-service/item.h"

#define DAMAGED "the item is empty or cannot be decrypted, so it is damaged; write the secret again"
#define SEARCHES_MAX 32 /* a listing finds more keys than this */
#define BATCH 100 /* items per GetSecrets: gnome-keyring's time grows faster than their number */

/* Builds the call for the values of `count` items. */
static struct bus_call secrets_call(struct op *op, const char *const *paths, size_t count)
{
    GVariant *items = g_variant_new_objv(paths, (gssize)count);
    const char *session = secret_service_get_session_dbus_path(op->link->session);

    return link_call(op->link, SECRETS_PATH, SECRETS_INTERFACE, "GetSecrets",
                     g_variant_new("(@aoo)", items, session), "(a{o(oayays)})");
}

/* Reads the value of the item at `path` from a reply; NOT_FOUND if the reply lacks it. */
static enum store_err secret_parse(struct op *op, GVariant *reply, const char *path,
                                   struct store_secret *out)
{
    GVariant *secrets = g_variant_get_child_value(reply, 0);
    GVariant *secret = g_variant_lookup_value(secrets, path, G_VARIANT_TYPE("(oayays)"));
    enum store_err err = STORE_NOT_FOUND;

    if (secret != NULL)
        err = link_decode(op->link, secret, out);
    if (err == STORE_CORRUPT)
        err = op_damaged(op, DAMAGED);
    g_clear_pointer(&secret, g_variant_unref);
    g_variant_unref(secrets);
    return err;
}

/* Finds out why the service left the item out of its answer: it was removed just now, which the
 * first call finds; the collection was locked since the search; or the value is empty (KeePassXC
 * does not return an empty one). */
static enum store_err left_out(struct op *op, const char *path)
{
    GVariant *reply = NULL;
    enum store_err err = op_ask(op, link_get(op->link, path, ITEM_INTERFACE, NULL), &reply);

    g_clear_pointer(&reply, g_variant_unref);
    TRY(err);
    TRY(op_check_unlocked(op));
    return op_damaged(op, DAMAGED);
}

/* Builds the calls for the description and the value of one item. The version comes first: a writer
 * changes the value and then the version, so that no reader has an old value with the version of a
 * newer one, and compare-and-set holds. */
static void record_calls(struct op *op, const char *path, struct bus_call calls[2])
{
    calls[0] = link_get(op->link, path, ITEM_INTERFACE, NULL);
    calls[1] = secrets_call(op, &path, 1);
}

/* Collects the answers to record_calls; NOT_FOUND if they lack a value. */
static enum store_err record_collect(struct op *op, const struct bus_call calls[2],
                                     const char *path, struct store_record *out)
{
    AUTO_ITEM item = {0};

    TRY(item_parse(op, calls[0].reply, &item));
    TRY(secret_parse(op, calls[1].reply, path, &out->value));
    item_describe(&item, out);
    return STORE_OK;
}

static enum store_err read_one(struct op *op, const char *path, struct store_record *out)
{
    struct bus_call calls[2];
    enum store_err err;

    record_calls(op, path, calls);
    err = op_calls(op, calls, G_N_ELEMENTS(calls), OP_READ);
    if (err == STORE_OK)
        err = record_collect(op, calls, path, out);
    bus_calls_clear(calls, G_N_ELEMENTS(calls));
    return err == STORE_NOT_FOUND ? left_out(op, path) : err;
}

static enum store_err read_found(struct op *op, const struct found *found, struct store_record *out)
{
    const char *path = g_ptr_array_index(found->paths, 0);
    AUTO_ITEM item = {0};

    if (found->paths->len > 1) {
        found_warn(op);
        TRY(found_newest(op, found, &path, &item));
    }
    TRY(read_one(op, path, out));
    index_set_guess(op->link->index, op->key, found->paths->len > 1 ? NULL : path);
    return STORE_OK;
}

/* Reads the answers to the search, to record_calls and, unless the collection is known, to the
 * question for it. `right`: the search found the item at `path` and no other. */
static enum store_err guess_parse(struct op *op, const struct bus_call calls[4], const char *path,
                                  struct store_record *out, bool *right)
{
    AUTO_FOUND found = {0};
    enum store_err err;

    for (size_t i = 0; i < 4; i++)
        if (calls[i].error != NULL)
            return STORE_OK;
    if (calls[3].reply != NULL && op_parse_collection(op, calls[3].reply) != STORE_OK) {
        *right = true; /* a missing collection is the answer */
        return STORE_UNAVAILABLE;
    }
    TRY(found_parse(op, calls[0].reply, &found));
    if (found.paths->len != 1 || strcmp(g_ptr_array_index(found.paths, 0), path) != 0)
        return STORE_OK;
    err = record_collect(op, &calls[1], path, out);
    *right = err != STORE_NOT_FOUND;
    return *right ? err : STORE_OK;
}

/*
 * Reads the item that the key had the last time and searches for the key at once: one wait instead
 * of two. The service answers in order, so its answer about the item is as good as one after the
 * search, provided that the search returns that very item. Any other answer is dropped unlogged and
 * `right` stays false: then the caller searches first.
 */
static enum store_err read_guess(struct op *op, struct store_record *out, bool *right)
{
    char *path = index_guess(op->link->index, op->key);
    struct bus_call calls[4] = {0};
    size_t count = 3;
    enum store_err err;

    if (path == NULL)
        return STORE_OK;
    calls[0] = found_call(op, item_of_key(op->key));
    record_calls(op, path, &calls[1]);
    if (!op_recall_collection(op))
        calls[count++] = op_collection_call(op);
    bus_run(op->link->bus, calls, count, op->deadline);
    err = guess_parse(op, calls, path, out, right);
    if (!*right)
        index_set_guess(op->link->index, op->key, NULL);
    bus_calls_clear(calls, count);
    g_free(path);
    return err;
}

static enum store_err read_work(struct op *op, void *arg)
{
    struct store_record *out = arg;
    AUTO_FOUND found = {0};
    bool done = false;
    enum store_err err;

    store_record_clear(out);
    err = read_guess(op, out, &done);
    if (err != STORE_OK)
        store_record_clear(out);
    if (done)
        return err;
    TRY(found_search_quickly(op, item_of_key(op->key), &found));
    if (found.paths->len == 0)
        return STORE_NOT_FOUND;
    err = read_found(op, &found, out);
    if (err != STORE_OK)
        store_record_clear(out);
    return err;
}

enum store_err secrets_read(struct store_ctx *ctx, const char *key, struct store_record *out)
{
    return op_run_prepared((struct op){.ctx = ctx, .doing = "reading", .key = key}, read_work, out);
}

enum store_err secrets_value(struct op *op, const char *path, struct store_secret *out)
{
    AUTO_RECORD record = {0};

    TRY(read_one(op, path, &record));
    store_secret_move(out, &record.value);
    return STORE_OK;
}

/* A bulk read: delivers nothing before it is complete, because it may have to start again. */
struct bulk {
    const char *const *keys;
    size_t count;
    struct bulk_entry {
        const char *key;
        enum store_err err;
        char *path; /* NULL: no item, or more than one */
        bool several;
        struct store_record record;
    } * entries;
};

static void entry_note(struct bulk_entry *entry, const struct found *found)
{
    g_clear_pointer(&entry->path, g_free);
    store_record_clear(&entry->record);
    entry->several = found->paths->len > 1;
    entry->err = found->paths->len == 0 ? STORE_NOT_FOUND : STORE_OK;
    if (found->paths->len == 1)
        entry->path = g_strdup(g_ptr_array_index(found->paths, 0));
}

/* Finds the items of `count` keys. */
static enum store_err bulk_search(struct op *op, const char *const *keys,
                                  struct bulk_entry *entries, size_t count)
{
    struct bus_call calls[SEARCHES_MAX];
    bool missing = false;
    enum store_err err;

    for (size_t i = 0; i < count; i++)
        calls[i] = found_call(op, item_of_key(keys[i]));
    err = op_calls(op, calls, count, OP_READ);
    for (size_t i = 0; i < count && err == STORE_OK; i++) {
        AUTO_FOUND found = {0};

        err = found_parse(op, calls[i].reply, &found);
        if (err == STORE_OK && found.locked && found.paths->len == 0)
            err = op_locked(op);
        if (err == STORE_OK)
            entry_note(&entries[i], &found);
        missing = missing || entries[i].err == STORE_NOT_FOUND;
    }
    bus_calls_clear(calls, count);
    return err == STORE_OK && missing ? op_check_unlocked(op) : err;
}

/* Reads one item's part of the answers. The item may have another key by now, without the listing's
 * knowledge. */
static void bulk_parse(struct op *op, struct bulk_entry *entry, GVariant *secrets,
                       const struct bus_call *attributes)
{
    char *key = attributes->reply == NULL ? NULL : list_parse_key(attributes->reply);

    entry->err = g_strcmp0(key, entry->key) == 0 ? STORE_OK : STORE_NOT_FOUND;
    if (entry->err == STORE_OK)
        entry->err = secret_parse(op, secrets, entry->path, &entry->record.value);
    g_free(key);
}

/* Reads the values of `count` entries with a path, in one round, without times and versions: the
 * service takes four times as long for all properties of an item as for its attributes. */
static enum store_err bulk_values(struct op *op, struct bulk_entry *const *entries, size_t count)
{
    struct bus_call calls[BATCH + 1];
    const char *paths[BATCH];
    enum store_err err = STORE_OK;

    for (size_t i = 0; i < count; i++) {
        paths[i] = entries[i]->path;
        calls[i] = link_get(op->link, paths[i], ITEM_INTERFACE, "Attributes");
    }
    calls[count] = secrets_call(op, paths, count);
    bus_run(op->link->bus, calls, count + 1, op->deadline);
    for (size_t i = 0; i <= count && err == STORE_OK; i++)
        if (calls[i].error != NULL && (i == count || !op_is_gone(calls[i].error)))
            err = op_failed(op, calls[i].error, OP_READ);
    for (size_t i = 0; i < count && err == STORE_OK; i++)
        bulk_parse(op, entries[i], calls[count].reply, &calls[i]);
    bus_calls_clear(calls, count + 1);
    return err;
}

/* Finds the items of all keys by listing, which costs less than many searches. */
static enum store_err bulk_find(struct op *op, struct bulk *bulk)
{
    GHashTable *items = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    size_t unnamed;
    enum store_err err = list_items(op, "", items, &unnamed);

    for (size_t i = 0; i < bulk->count && err == STORE_OK; i++) {
        struct bulk_entry *entry = &bulk->entries[i];
        const char *path = g_hash_table_lookup(items, entry->key);

        g_clear_pointer(&entry->path, g_free);
        store_record_clear(&entry->record);
        entry->err = path == NULL ? STORE_NOT_FOUND : STORE_OK;
        entry->several = path != NULL && *path == '\0';
        if (path != NULL && *path != '\0')
            entry->path = g_strdup(path);
    }
    g_hash_table_unref(items);
    return err;
}

/* Reads the values of `count` entries after the search for their items. */
static enum store_err bulk_batch(struct op *op, struct bulk_entry *entries, size_t count)
{
    struct bulk_entry *found[BATCH];
    size_t found_count = 0;

    for (size_t i = 0; i < count; i++)
        if (entries[i].path != NULL)
            found[found_count++] = &entries[i];
    return found_count == 0 ? STORE_OK : bulk_values(op, found, found_count);
}

static enum store_err bulk_work(struct op *op, void *arg)
{
    struct bulk *bulk = arg;

    TRY(op_find_collection(op));
    if (bulk->count > SEARCHES_MAX)
        TRY(bulk_find(op, bulk));
    else
        TRY(bulk_search(op, bulk->keys, bulk->entries, bulk->count));
    for (size_t at = 0; at < bulk->count; at += BATCH)
        TRY(bulk_batch(op, bulk->entries + at, MIN(bulk->count - at, BATCH)));
    return STORE_OK;
}

/* Delivers one entry; reads it by itself if its item has gone meanwhile or its key has several. */
static enum store_err bulk_deliver(struct store_ctx *ctx, struct bulk *bulk, size_t i,
                                   store_each_fn *each, void *arg)
{
    struct bulk_entry *entry = &bulk->entries[i];

    if (entry->several || (entry->path != NULL && entry->err == STORE_NOT_FOUND))
        entry->err = secrets_read(ctx, bulk->keys[i], &entry->record);
    return each(arg, bulk->keys[i], entry->err, entry->err == STORE_OK ? &entry->record : NULL);
}

enum store_err secrets_read_many(struct store_ctx *ctx, const char *const *keys, size_t count,
                                 store_each_fn *each, void *arg)
{
    struct bulk bulk = {.keys = keys, .count = count};
    enum store_err err;

    bulk.entries = g_new0(struct bulk_entry, count);
    for (size_t i = 0; i < count; i++)
        bulk.entries[i].key = keys[i];
    err = op_run_prepared((struct op){.ctx = ctx, .doing = "reading several secrets"}, bulk_work,
                          &bulk);
    for (size_t i = 0; i < count && err == STORE_OK; i++)
        err = bulk_deliver(ctx, &bulk, i, each, arg);
    for (size_t i = 0; i < count; i++) {
        store_record_clear(&bulk.entries[i].record);
        g_free(bulk.entries[i].path);
    }
    g_free(bulk.entries);
    return err;
}
