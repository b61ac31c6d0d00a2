/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/secret-service/calls.h"

#include <string.h>

#include "backends/secret-service/item.h"

/* Our own limit: the daemons hold a whole collection in memory, and some write all of it to disk at
 * each change. */
#define VALUE_MAX ((size_t)1024 * 1024)

struct change {
    const struct store_secret *value; /* NULL: remove */
    const char *if_version;
    struct store_record *out;
};

/* Waits for the prompt that a change returned, if any. KeePassXC returns one for every change and
 * shows nothing if it needs no consent. The collection is unlocked, so the prompt never asks for a
 * password. `result` may be NULL. */
static enum store_err finish(struct op *op, const char *prompt, GVariant **result)
{
    GVariant *value = NULL;

    if (strcmp(prompt, "/") == 0)
        return STORE_OK;
    TRY(prompt_run(op, prompt, &value));
    if (result != NULL)
        *result = g_steal_pointer(&value);
    g_clear_pointer(&value, g_variant_unref);
    return STORE_OK;
}

static enum store_err not_encrypted(struct op *op)
{
    op_log(op, STORE_LOG_ERROR, "give the process more memory",
           "the value could not be encrypted for the service");
    return STORE_NO_MEMORY;
}

enum store_err item_create(struct op *op, GVariant *properties, const struct store_secret *value,
                           char **path)
{
    GVariant *secret = link_encode(op->link, value);
    GVariant *result = NULL;
    struct bus_call call;
    const char *item;
    const char *prompt;
    enum store_err err;

    if (secret == NULL) {
        g_variant_unref(g_variant_ref_sink(properties));
        return not_encrypted(op);
    }
    /* Never with `replace`: KeePassXC does not complete such a call from a second client. */
    call = link_call(op->link, op->collection, COLLECTION_INTERFACE, "CreateItem",
                     g_variant_new("(@a{sv}@(oayays)b)", properties, secret, FALSE), "(oo)");
    err = op_calls(op, &call, 1, OP_CHANGE);
    if (err == STORE_OK) {
        g_variant_get(call.reply, "(&o&o)", &item, &prompt);
        err = finish(op, prompt, &result);
        if (result != NULL && g_variant_is_of_type(result, G_VARIANT_TYPE_OBJECT_PATH))
            item = g_variant_get_string(result, NULL);
        if (err == STORE_OK && path != NULL)
            *path = g_strdup(item);
    }
    g_clear_pointer(&result, g_variant_unref);
    bus_calls_clear(&call, 1);
    return err;
}

static enum store_err read_item(struct op *op, const char *path, struct item *out)
{
    GVariant *reply = NULL;
    enum store_err err = op_ask(op, link_get(op->link, path, ITEM_INTERFACE, NULL), &reply);

    if (err == STORE_OK)
        err = item_parse(op, reply, out);
    g_clear_pointer(&reply, g_variant_unref);
    return err;
}

static enum store_err change(struct op *op, struct bus_call call)
{
    enum store_err err = op_calls(op, &call, 1, OP_CHANGE);

    bus_calls_clear(&call, 1);
    return err;
}

static enum store_err renew_revision(struct op *op, const char *path, const struct item *item)
{
    GVariant *arguments =
        g_variant_new("(ssv)", ITEM_INTERFACE, "Attributes", item_renewed(item, op->key));

    return change(op, link_call(op->link, path, BUS_PROPERTIES, "Set", arguments, "()"));
}

static enum store_err set_secret(struct op *op, const char *path, const struct store_secret *value)
{
    GVariant *secret = link_encode(op->link, value);

    if (secret == NULL)
        return not_encrypted(op);
    return change(op, link_call(op->link, path, ITEM_INTERFACE, "SetSecret",
                                g_variant_new("(@(oayays))", secret), "()"));
}

/* Replaces the value of an item, and then its version unless that has changed with it: times have
 * only seconds, and not every service counts a new value as a modification. In this order, because
 * readers ask for the version first, so that a reader with the new version has the new value. Adds
 * the attributes that another program's item lacks with the version. */
static enum store_err update(struct op *op, const char *path, const struct item *item,
                             const struct change *change, struct item *now)
{
    struct store_record before = {0};
    struct store_record after = {0};

    item_describe(item, &before);
    TRY(set_secret(op, path, change->value));
    TRY(read_item(op, path, now));
    item_describe(now, &after);
    if (strcmp(before.version, after.version) != 0 && item_is_complete(now, op->key))
        return STORE_OK;
    TRY(renew_revision(op, path, now));
    return read_item(op, path, now);
}

static enum store_err delete_item(struct op *op, const char *path)
{
    struct bus_call call = link_call(op->link, path, ITEM_INTERFACE, "Delete", NULL, "(o)");
    enum store_err err = op_calls(op, &call, 1, OP_CHANGE);
    const char *prompt;

    if (err == STORE_OK) {
        g_variant_get(call.reply, "(&o)", &prompt);
        err = finish(op, prompt, NULL);
    }
    bus_calls_clear(&call, 1);
    return err;
}

/* Deletes the items of `found` except the one at `keep` (NULL: all), and the one that counts last,
 * so that an early end does not bring back an older secret. */
static enum store_err delete_items(struct op *op, const struct found *found, const char *newest,
                                   bool keep)
{
    for (guint i = 0; i < found->paths->len; i++) {
        const char *path = g_ptr_array_index(found->paths, i);

        if (strcmp(path, newest) != 0)
            TRY(delete_item(op, path));
    }
    return keep ? STORE_OK : delete_item(op, newest);
}

/* CONFLICT or NOT_FOUND unless the present item (NULL: none) has the version that the caller
 * expects. */
static enum store_err version_check(const struct item *item, const char *if_version)
{
    struct store_record now = {0};

    if (if_version != NULL && item != NULL)
        item_describe(item, &now);
    return store_version_check(if_version, item != NULL, now.version);
}

static enum store_err create(struct op *op, const struct change *change)
{
    g_autofree char *path = NULL;
    AUTO_ITEM now = {0};

    TRY(version_check(NULL, change->if_version));
    TRY(item_create(op, item_new(op->key), change->value, &path));
    if (change->out == NULL)
        return STORE_OK;
    TRY(read_item(op, path, &now));
    item_describe(&now, change->out);
    return STORE_OK;
}

static enum store_err replace(struct op *op, const struct found *found, const struct change *change)
{
    const char *path = NULL;
    AUTO_ITEM item = {0};
    AUTO_ITEM now = {0};

    if (found->paths->len > 1)
        found_warn(op);
    TRY(found_newest(op, found, &path, &item));
    TRY(version_check(&item, change->if_version));
    if (change->value == NULL)
        return delete_items(op, found, path, false);
    TRY(update(op, path, &item, change, &now));
    TRY(delete_items(op, found, path, true));
    if (change->out != NULL)
        item_describe(&now, change->out);
    return STORE_OK;
}

static enum store_err change_in_turn(struct op *op, const struct change *change)
{
    AUTO_FOUND found = {0};

    TRY(found_search(op, item_of_key(op->key), &found));
    if (found.paths->len > 0)
        return replace(op, &found, change);
    return change->value == NULL ? STORE_NOT_FOUND : create(op, change);
}

static enum store_err change_work(struct op *op, void *arg)
{
    const struct change *change = arg;
    enum store_err err;

    TRY(turn_acquire(op));
    err = change_in_turn(op, change);
    turn_release(op);
    return err;
}

enum store_err secrets_check_value(struct op *op, const struct store_secret *value)
{
    if (value->len == 0) {
        op_log(op, STORE_LOG_ERROR, "store at least one byte", "the value is empty");
        return STORE_BAD_VALUE;
    }
    if (value->len > VALUE_MAX) {
        op_log(op, STORE_LOG_ERROR, "store a shorter one, or keep it in a file",
               "the value has %zu bytes, and the Secret Service takes up to %zu", value->len,
               VALUE_MAX);
        return STORE_TOO_BIG;
    }
    return STORE_OK;
}

enum store_err secrets_write(struct store_ctx *ctx, const char *key,
                             const struct store_secret *value, const char *if_version,
                             struct store_record *out)
{
    struct op op = {.ctx = ctx, .doing = "writing", .key = key};
    struct change change = {.value = value, .if_version = if_version, .out = out};
    enum store_err err;

    if (out != NULL)
        store_record_clear(out);
    TRY(secrets_check_value(&op, value));
    err = op_run_prepared(op, change_work, &change);
    if (err != STORE_OK && out != NULL)
        store_record_clear(out);
    return err;
}

enum store_err secrets_remove(struct store_ctx *ctx, const char *key, const char *if_version)
{
    struct change change = {.if_version = if_version};

    return op_run_prepared((struct op){.ctx = ctx, .doing = "removing", .key = key}, change_work,
                           &change);
}
