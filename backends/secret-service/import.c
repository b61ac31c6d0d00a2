/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/secret-service/calls.h"

#include <string.h>

#include "backends/secret-service/item.h"
#include "core/legacy_document.h"

/*
 * The import happens once in the life of a collection: an item with this schema marks a complete
 * import. Without it, a secret that was removed after the import would come back. An interrupted
 * import continues at the next operation; items that exist by then are newer than the document and
 * stay as they are. The document itself does not change.
 */
#define MARKER_SCHEMA "com.sideseat.Import"

#define REMEDY_DOCUMENT                                                                            \
    "repair it, or remove it with: secret-tool clear service sideseat username vault"

static GVariant *pairs(const char *name1, const char *value1, const char *name2, const char *value2)
{
    GVariantBuilder attributes;

    g_variant_builder_init(&attributes, G_VARIANT_TYPE("a{ss}"));
    g_variant_builder_add(&attributes, "{ss}", name1, value1);
    if (name2 != NULL)
        g_variant_builder_add(&attributes, "{ss}", name2, value2);
    return g_variant_builder_end(&attributes);
}

static GVariant *marker_attributes(void)
{
    return pairs("xdg:schema", MARKER_SCHEMA, NULL, NULL);
}

/* The attributes that every keyring library writes. */
static GVariant *document_attributes(void)
{
    return pairs("service", "sideseat", "username", "vault");
}

/* Finds the default collection and in it the document and the marker. LOCKED (logged) if the
 * collection is locked and so hides the document. */
static enum store_err find(struct op *op, struct found *document, bool *done)
{
    struct bus_call calls[] = {op_collection_call(op), found_call(op, document_attributes()),
                               found_call(op, marker_attributes())};
    AUTO_FOUND marker = {0};
    enum store_err err = op_calls(op, calls, G_N_ELEMENTS(calls), OP_READ);

    if (err == STORE_OK)
        err = op_parse_collection(op, calls[0].reply);
    if (err == STORE_OK)
        err = found_parse(op, calls[1].reply, document);
    if (err == STORE_OK)
        err = found_parse(op, calls[2].reply, &marker);
    bus_calls_clear(calls, G_N_ELEMENTS(calls));
    if (err != STORE_OK)
        return err;
    *done = document->paths->len == 0 || marker.paths->len > 0;
    return document->paths->len == 0 ? op_check_unlocked(op) : STORE_OK;
}

struct import {
    struct op *op;
    GHashTable *there; /* the keys that have an item */
    size_t imported;
    size_t left;
};

static enum store_err import_one(void *arg, const char *key, enum store_err err,
                                 const struct store_secret *value)
{
    struct import *import = arg;

    if (g_hash_table_contains(import->there, key))
        return STORE_OK;
    if (err == STORE_OK)
        err = secrets_check_value(import->op, value);
    if (err != STORE_OK) {
        import->left++;
        return STORE_OK;
    }
    TRY(item_create(import->op, item_new(key), value, NULL));
    g_hash_table_replace(import->there, g_strdup(key), g_strdup(""));
    import->imported++;
    return STORE_OK;
}

static enum store_err import_text(struct import *import, const struct store_secret *text)
{
    char why[LEGACY_WHY_SIZE] = "";
    size_t left = 0;
    enum store_err err = legacy_document_each(text, import_one, import, &left, why);

    import->left += left;
    if (why[0] != '\0')
        op_log(
            import->op, STORE_LOG_ERROR, REMEDY_DOCUMENT,
            "the older document (service \"sideseat\", username \"vault\") cannot be imported: %s",
            why);
    return err;
}

static enum store_err mark(struct op *op)
{
    static const char text[] = "The entry \"vault\" of \"sideseat\" has been imported.";
    GVariantBuilder properties;
    AUTO_SECRET value = {0};

    TRY(store_secret_set(&value, text, sizeof text - 1));
    g_variant_builder_init(&properties, G_VARIANT_TYPE("a{sv}"));
    g_variant_builder_add(&properties, "{sv}", ITEM_INTERFACE ".Label",
                          g_variant_new_string("sideseat: import done"));
    g_variant_builder_add(&properties, "{sv}", ITEM_INTERFACE ".Attributes", marker_attributes());
    return item_create(op, g_variant_builder_end(&properties), &value, NULL);
}

static enum store_err import_document(struct op *op, const char *path, GHashTable *there)
{
    struct import import = {.op = op, .there = there};
    AUTO_SECRET text = {0};
    size_t unnamed;

    TRY(list_items(op, "", there, &unnamed));
    TRY(secrets_value(op, path, &text));
    TRY(import_text(&import, &text));
    TRY(mark(op));
    op_log(op, import.left > 0 ? STORE_LOG_WARNING : STORE_LOG_INFO,
           "the document (service \"sideseat\", username \"vault\") is no longer used",
           "imported %zu secrets of an older document, and left out %zu that are damaged, too long "
           "or without a valid name",
           import.imported, import.left);
    return STORE_OK;
}

/* Imports with the turn to write, after another check: another process may have done it. */
static enum store_err import_in_turn(struct op *op)
{
    AUTO_FOUND document = {0};
    AUTO_ITEM item = {0};
    const char *path = NULL;
    bool done = false;
    GHashTable *there;
    enum store_err err;

    TRY(find(op, &document, &done));
    if (done)
        return STORE_OK;
    TRY(found_newest(op, &document, &path, &item));
    there = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    err = import_document(op, path, there);
    g_hash_table_unref(there);
    return err;
}

static enum store_err import_now(struct op *op)
{
    AUTO_FOUND document = {0};
    bool done = false;
    enum store_err err;

    TRY(find(op, &document, &done));
    if (done)
        return STORE_OK;
    TRY(turn_acquire(op));
    err = import_in_turn(op);
    turn_release(op);
    return err;
}

enum store_err import_check(struct op *op)
{
    struct store_ctx *ctx = op->ctx;
    bool imported;
    enum store_err err;

    pthread_mutex_lock(&ctx->lock);
    imported = ctx->imported;
    pthread_mutex_unlock(&ctx->lock);
    if (imported)
        return STORE_OK;
    err = import_now(op);
    pthread_mutex_lock(&ctx->lock);
    ctx->imported = ctx->imported || err == STORE_OK;
    pthread_mutex_unlock(&ctx->lock);
    return err;
}
