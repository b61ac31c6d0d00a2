/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/secret-service/calls.h"

#include <string.h>

#include "backends/secret-service/item.h"
#include "store/scope.h"

#define BATCH 100 /* questions at a time */

char *list_parse_key(GVariant *reply)
{
    GVariant *attributes = NULL;
    const char *key;
    char *found = NULL;

    g_variant_get(reply, "(v)", &attributes);
    if (g_variant_is_of_type(attributes, G_VARIANT_TYPE("a{ss}")) &&
        g_variant_lookup(attributes, "key", "&s", &key) &&
        store_scope_parse(key, strlen(key), NULL) == STORE_OK)
        found = g_strdup(key);
    g_variant_unref(attributes);
    return found;
}

/* Adds one item; takes over `key`. `unnamed` counts the items without a valid key. */
static void items_add(GHashTable *items, const char *prefix, char *key, const char *path,
                      size_t *unnamed)
{
    *unnamed += key == NULL;
    if (key == NULL || !g_str_has_prefix(key, prefix)) {
        g_free(key);
        return;
    }
    if (g_hash_table_contains(items, key))
        path = "";
    g_hash_table_replace(items, key, g_strdup(path));
}

/* Asks the bus for the signals that report changes, and does not wait for the answer: the bus
 * handles our messages in order, so the signals are on before the questions that follow. */
static void watch(struct op *op)
{
    char *rule;

    if (!index_begin(op->link->index))
        return;
    rule = g_strdup_printf("type='signal',sender='%s',interface='%s'", op->link->owner,
                           COLLECTION_INTERFACE);
    bus_send(op->link->bus, BUS_NAME, BUS_PATH, BUS_NAME, "AddMatch", g_variant_new("(s)", rule));
    g_free(rule);
    rule = g_strdup_printf("type='signal',sender='%s',interface='%s'", op->link->owner,
                           BUS_PROPERTIES);
    bus_send(op->link->bus, BUS_NAME, BUS_PATH, BUS_NAME, "AddMatch", g_variant_new("(s)", rule));
    g_free(rule);
}

/* Asks for the attributes of `count` items. Leaves out an item that is gone by now. */
static enum store_err ask(struct op *op, char **paths, size_t count, const char *prefix,
                          GHashTable *items, size_t *unnamed)
{
    uint64_t changes = index_changes(op->link->index);
    struct bus_call calls[BATCH];
    enum store_err err = STORE_OK;

    for (size_t i = 0; i < count; i++)
        calls[i] = link_get(op->link, paths[i], ITEM_INTERFACE, "Attributes");
    bus_run(op->link->bus, calls, count, op->deadline);
    for (size_t i = 0; i < count && err == STORE_OK; i++) {
        if (calls[i].reply != NULL) {
            char *key = list_parse_key(calls[i].reply);

            index_put(op->link->index, changes, paths[i], key);
            items_add(items, prefix, key, paths[i], unnamed);
        } else if (!op_is_gone(calls[i].error)) {
            err = op_failed(op, calls[i].error, OP_READ);
        }
    }
    bus_calls_clear(calls, count);
    return err;
}

enum store_err list_items(struct op *op, const char *prefix, GHashTable *items, size_t *unnamed)
{
    AUTO_FOUND found = {0};
    GPtrArray *unknown;
    enum store_err err = STORE_OK;

    *unnamed = 0;
    watch(op);
    TRY(found_search(op, item_of_prefix(prefix), &found));
    if (found.locked)
        return op_locked(op);
    unknown = g_ptr_array_new();
    for (guint i = 0; i < found.paths->len; i++) {
        char *path = g_ptr_array_index(found.paths, i);
        char *key;

        if (index_find(op->link->index, path, &key))
            items_add(items, prefix, key, path, unnamed);
        else
            g_ptr_array_add(unknown, path);
    }
    for (guint at = 0; at < unknown->len && err == STORE_OK; at += BATCH)
        err = ask(op, (char **)unknown->pdata + at, MIN(unknown->len - at, BATCH), prefix, items,
                  unnamed);
    g_ptr_array_unref(unknown);
    return err;
}

struct listing {
    const char *prefix;
    GHashTable *items;
    size_t unnamed;
};

static enum store_err list_work(struct op *op, void *arg)
{
    struct listing *listing = arg;

    g_hash_table_remove_all(listing->items);
    return list_items(op, listing->prefix, listing->items, &listing->unnamed);
}

/* Delivers nothing before the listing is complete, because the work may have to start again. The
 * listing has no generation: the protocol has none, and its signals are not reliable enough. */
enum store_err secrets_list(struct store_ctx *ctx, const char *prefix, uint64_t *generation,
                            store_each_fn *each, void *arg)
{
    struct listing listing = {.prefix = prefix};
    GHashTableIter iter;
    enum store_err err;
    void *key;

    if (generation != NULL)
        *generation = 0;
    listing.items = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    err = op_run_prepared(
        (struct op){.ctx = ctx, .doing = "listing", .key = *prefix == '\0' ? NULL : prefix},
        list_work, &listing);
    g_hash_table_iter_init(&iter, listing.items);
    while (err == STORE_OK && g_hash_table_iter_next(&iter, &key, NULL))
        err = each(arg, key, STORE_OK, NULL);
    g_hash_table_unref(listing.items);
    TRY(err);
    store_scope_warn_unnamed("secret-service", listing.unnamed);
    if (prefix[0] == '\0')
        atomic_store(&ctx->unnamed, listing.unnamed);
    return STORE_OK;
}
