/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/secret-service/item.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "store/scope.h"
#include "store/time.h"

#define SECONDS_MAX (INT64_MAX / STORE_TIME_S)

void item_clear(struct item *item)
{
    g_clear_pointer(&item->attributes, g_variant_unref);
    *item = (struct item){0};
}

/* Parses a time in seconds; 0 (unknown) if it cannot be one. */
static int64_t parse_time(GVariant *properties, const char *name)
{
    guint64 seconds = 0;

    if (!g_variant_lookup(properties, name, "t", &seconds) || seconds > SECONDS_MAX)
        return 0;
    return (int64_t)seconds;
}

enum store_err item_parse(struct op *op, GVariant *reply, struct item *out)
{
    GVariant *properties = g_variant_get_child_value(reply, 0);
    gboolean locked = FALSE;

    item_clear(out);
    out->attributes = g_variant_lookup_value(properties, "Attributes", G_VARIANT_TYPE("a{ss}"));
    out->created_s = parse_time(properties, "Created");
    out->modified_s = parse_time(properties, "Modified");
    (void)g_variant_lookup(properties, "Locked", "b", &locked);
    out->locked = locked;
    g_variant_unref(properties);
    return out->attributes == NULL ? op_strange(op, "an item has no attributes") : STORE_OK;
}

/* Returns an attribute, borrowed; NULL if the item does not have it. */
static const char *item_attribute(const struct item *item, const char *name)
{
    const char *value = NULL;

    (void)g_variant_lookup(item->attributes, name, "&s", &value);
    return value;
}

void item_describe(const struct item *item, struct store_record *out)
{
    const char *revision = item_attribute(item, "revision");

    out->created_ns = item->created_s * STORE_TIME_S;
    out->updated_ns = item->modified_s * STORE_TIME_S;
    snprintf(out->version, sizeof out->version, "%" PRIx64 "-%" PRIx64 "-%.32s",
             (uint64_t)item->created_s, (uint64_t)item->modified_s,
             revision == NULL ? "" : revision);
}

static void add(GVariantBuilder *attributes, const char *name, const char *value)
{
    g_variant_builder_add(attributes, "{ss}", name, value);
}

static void add_slice(GVariantBuilder *attributes, const char *name, const char *value, size_t len)
{
    char *text = g_strndup(value == NULL ? "" : value, len);

    add(attributes, name, text);
    g_free(text);
}

static void add_revision(GVariantBuilder *attributes)
{
    char text[24];

    snprintf(text, sizeof text, "%08" PRIx32 "%08" PRIx32, g_random_int(), g_random_int());
    add(attributes, "revision", text);
}

GVariant *item_of_key(const char *key)
{
    GVariantBuilder attributes;

    g_variant_builder_init(&attributes, G_VARIANT_TYPE("a{ss}"));
    add(&attributes, "xdg:schema", ITEM_SCHEMA);
    add(&attributes, "key", key);
    return g_variant_builder_end(&attributes);
}

GVariant *item_of_prefix(const char *prefix)
{
    const char *slash = strchr(prefix, '/');
    GVariantBuilder attributes;

    g_variant_builder_init(&attributes, G_VARIANT_TYPE("a{ss}"));
    add(&attributes, "xdg:schema", ITEM_SCHEMA);
    if (slash != NULL) {
        add_slice(&attributes, "scope", prefix, (size_t)(slash - prefix));
        if (slash[1] != '\0')
            add_slice(&attributes, "scope_id", slash + 1, strcspn(slash + 1, "/"));
    }
    return g_variant_builder_end(&attributes);
}

/* Builds the label that people see in their password manager. It has ':' in place of '/', which
 * KWallet takes for a folder. */
static char *label_new(const struct store_scope_key *parts)
{
    char *label = g_strdup_printf("sideseat: %s (%s%s%.*s)", parts->name, parts->scope,
                                  parts->id_len > 0 ? " " : "", (int)parts->id_len,
                                  parts->id_len > 0 ? parts->id : "");

    return g_strdelimit(label, "/", ':');
}

/* The caller's key is valid; the parts are empty otherwise, and the item still has its key. */
static struct store_scope_key parts_of(const char *key)
{
    struct store_scope_key parts = {0};

    if (store_scope_parse(key, strlen(key), &parts) != STORE_OK)
        parts = (struct store_scope_key){.scope = "", .name = key};
    return parts;
}

/* The attributes that an item of ours always has, except the revision. */
static const char *const own_names[] = {"xdg:schema", "key", "scope", "scope_id", "name"};

static void add_own(GVariantBuilder *attributes, const char *key)
{
    struct store_scope_key parts = parts_of(key);

    add(attributes, "xdg:schema", ITEM_SCHEMA);
    add(attributes, "key", key);
    add(attributes, "scope", parts.scope);
    add_slice(attributes, "scope_id", parts.id, parts.id_len);
    add(attributes, "name", parts.name);
}

bool item_is_complete(const struct item *item, const char *key)
{
    GVariantBuilder attributes;
    GVariant *own;
    bool complete = true;

    g_variant_builder_init(&attributes, G_VARIANT_TYPE("a{ss}"));
    add_own(&attributes, key);
    own = g_variant_ref_sink(g_variant_builder_end(&attributes));
    for (size_t i = 0; i < G_N_ELEMENTS(own_names); i++) {
        const char *wanted = NULL;

        (void)g_variant_lookup(own, own_names[i], "&s", &wanted);
        complete = complete && g_strcmp0(item_attribute(item, own_names[i]), wanted) == 0;
    }
    g_variant_unref(own);
    return complete;
}

GVariant *item_new(const char *key)
{
    struct store_scope_key parts = parts_of(key);
    GVariantBuilder properties;
    GVariantBuilder attributes;
    char *label = label_new(&parts);

    g_variant_builder_init(&attributes, G_VARIANT_TYPE("a{ss}"));
    add_own(&attributes, key);
    add_revision(&attributes);
    g_variant_builder_init(&properties, G_VARIANT_TYPE("a{sv}"));
    g_variant_builder_add(&properties, "{sv}", ITEM_INTERFACE ".Label",
                          g_variant_new_string(label));
    g_variant_builder_add(&properties, "{sv}", ITEM_INTERFACE ".Attributes",
                          g_variant_builder_end(&attributes));
    g_free(label);
    return g_variant_builder_end(&properties);
}

/* True if a change must pass on an attribute: not ours, and not one that KeePassXC shows but
 * refuses to set. KeePassXC keeps the ones that are left out. */
static bool is_others(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(own_names); i++)
        if (strcmp(name, own_names[i]) == 0)
            return false;
    return strcmp(name, "revision") != 0 && strcmp(name, "Uuid") != 0 && strcmp(name, "Path") != 0;
}

GVariant *item_renewed(const struct item *item, const char *key)
{
    GVariantBuilder attributes;
    GVariantIter iter;
    const char *name;
    const char *value;

    g_variant_builder_init(&attributes, G_VARIANT_TYPE("a{ss}"));
    g_variant_iter_init(&iter, item->attributes);
    while (g_variant_iter_next(&iter, "{&s&s}", &name, &value))
        if (is_others(name))
            add(&attributes, name, value);
    add_own(&attributes, key);
    add_revision(&attributes);
    return g_variant_builder_end(&attributes);
}

void found_clear(struct found *found)
{
    g_clear_pointer(&found->paths, g_ptr_array_unref);
    found->locked = false;
}

struct bus_call found_call(struct op *op, GVariant *attributes)
{
    return link_call(op->link, SECRETS_PATH, SECRETS_INTERFACE, "SearchItems",
                     g_variant_new("(@a{ss})", attributes), "(aoao)");
}

/* True if `path` is of an item in `collection`. */
static bool is_in(const char *path, const char *collection)
{
    size_t len = strlen(collection);

    return strncmp(path, collection, len) == 0 && path[len] == '/';
}

enum store_err found_parse(struct op *op, GVariant *reply, struct found *out)
{
    GVariantIter *open;
    GVariantIter *locked;
    const char *path;

    found_clear(out);
    out->paths = g_ptr_array_new_with_free_func(g_free);
    g_variant_get(reply, "(aoao)", &open, &locked);
    while (g_variant_iter_next(open, "&o", &path))
        if (is_in(path, op->collection))
            g_ptr_array_add(out->paths, g_strdup(path));
    while (g_variant_iter_next(locked, "&o", &path))
        out->locked = out->locked || is_in(path, op->collection);
    g_variant_iter_free(open);
    g_variant_iter_free(locked);
    return STORE_OK;
}

enum store_err found_search(struct op *op, GVariant *attributes, struct found *out)
{
    struct bus_call calls[] = {op_collection_call(op), found_call(op, attributes)};
    enum store_err err = op_calls(op, calls, G_N_ELEMENTS(calls), OP_READ);

    if (err == STORE_OK)
        err = op_parse_collection(op, calls[0].reply);
    if (err == STORE_OK)
        err = found_parse(op, calls[1].reply, out);
    bus_calls_clear(calls, G_N_ELEMENTS(calls));
    if (err == STORE_OK && out->paths->len == 0)
        err = out->locked ? op_locked(op) : op_check_unlocked(op);
    return err;
}

enum store_err found_search_quickly(struct op *op, GVariant *attributes, struct found *out)
{
    GVariant *kept = g_variant_ref_sink(attributes);
    GVariant *reply = NULL;
    enum store_err err = STORE_OK;

    if (op_recall_collection(op)) {
        err = op_ask(op, found_call(op, kept), &reply);
        if (err == STORE_OK)
            err = found_parse(op, reply, out);
        g_clear_pointer(&reply, g_variant_unref);
    }
    if (err == STORE_OK && (out->paths == NULL || out->paths->len == 0))
        err = found_search(op, kept, out);
    g_variant_unref(kept);
    return err;
}

/* True if `item` counts rather than `best`. Of two that changed in the same second the later path
 * counts, so that every reader decides alike. */
static bool is_newer(const struct item *item, const char *path, const struct item *best,
                     const char *best_path)
{
    if (item->modified_s != best->modified_s)
        return item->modified_s > best->modified_s;
    return strcmp(path, best_path) > 0;
}

void found_warn(struct op *op)
{
    bool warned;

    pthread_mutex_lock(&op->ctx->lock);
    warned = op->ctx->warned;
    op->ctx->warned = true;
    pthread_mutex_unlock(&op->ctx->lock);
    if (!warned)
        op_log(op, STORE_LOG_WARNING, "write the secret again, which removes the others",
               "this key has several items; the one changed last counts");
}

enum store_err found_newest(struct op *op, const struct found *found, const char **path,
                            struct item *out)
{
    size_t count = found->paths->len;
    struct bus_call *calls = g_new0(struct bus_call, count);
    enum store_err err;

    for (size_t i = 0; i < count; i++)
        calls[i] = link_get(op->link, g_ptr_array_index(found->paths, i), ITEM_INTERFACE, NULL);
    err = op_calls(op, calls, count, OP_READ);
    for (size_t i = 0; i < count && err == STORE_OK; i++) {
        const char *here = g_ptr_array_index(found->paths, i);
        AUTO_ITEM item = {0};

        err = item_parse(op, calls[i].reply, &item);
        if (err == STORE_OK && (i == 0 || is_newer(&item, here, out, *path))) {
            struct item older = *out;

            *path = here;
            *out = item;
            item = i == 0 ? (struct item){0} : older;
        }
    }
    bus_calls_clear(calls, count);
    g_free(calls);
    return err;
}
