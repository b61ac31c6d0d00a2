/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/secitem/import.h"

#include "backends/secitem/turn.h"
#include "core/legacy_document.h"
#include "store/log.h"

#define REMEDY "security delete-generic-password -s sideseat -a vault"

static struct item_place document_place(const struct item_place *place)
{
    struct item_place document = *place;

    document.keychain = ITEM_LOGIN;
    document.service = IMPORT_SERVICE;
    return document;
}

/* The mark of a complete import is in the keychain of the secrets. */
static struct item_place mark_place(const struct item_place *place)
{
    struct item_place mark = *place;

    mark.service =
        place->keychain == ITEM_LOGIN ? "sideseat.import" : "com.sideseat.secrets.import";
    return mark;
}

/* Tells if there is nothing to import, without reading a value. */
static enum store_err is_done(const struct item_place *place, bool *done)
{
    struct item_place document = document_place(place);
    struct item_place mark = mark_place(place);
    struct item item;
    enum store_err err = item_find(&document, IMPORT_ACCOUNT, &item, NULL);

    *done = true;
    if (err == STORE_OK) {
        err = item_find(&mark, IMPORT_ACCOUNT, &item, NULL);
        *done = err == STORE_OK;
    }
    return err == STORE_NOT_FOUND ? STORE_OK : err;
}

struct import {
    const struct item_place *place;
    size_t imported;
    size_t left;
};

static enum store_err import_one(void *arg, const char *key, enum store_err err,
                                 const struct store_secret *value)
{
    struct import *import = arg;

    if (err != STORE_OK) {
        import->left++;
        return STORE_OK;
    }
    err = item_add(import->place, key, value);
    import->imported += err == STORE_OK;
    return err == STORE_CONFLICT ? STORE_OK : err; /* the item is newer */
}

static enum store_err import_text(struct import *import, const struct store_secret *text)
{
    char why[LEGACY_WHY_SIZE] = "";
    size_t left = 0;
    enum store_err err = legacy_document_each(text, import_one, import, &left, why);

    import->left += left;
    if (why[0] != '\0')
        store_log(STORE_LOG_ERROR,
                  "%s: the older document (service \"sideseat\", account \"vault\") cannot be "
                  "imported: %s; repair it, or remove it with: " REMEDY,
                  import->place->backend, why);
    return err;
}

static enum store_err set_mark(const struct item_place *place)
{
    static const char text[] = "The item \"vault\" of \"sideseat\" has been imported.";
    struct item_place mark = mark_place(place);
    AUTO_SECRET value = {0};
    enum store_err err;

    TRY(store_secret_set(&value, text, sizeof text - 1));
    err = item_add(&mark, IMPORT_ACCOUNT, &value);
    return err == STORE_CONFLICT ? STORE_OK : err;
}

/* Imports with the turn to write, after another check: another process may have done it. */
static enum store_err import_in_turn(const struct item_place *place)
{
    struct item_place document = document_place(place);
    struct import import = {.place = place};
    AUTO_SECRET text = {0};
    struct item item;
    bool done;
    enum store_err err;

    TRY(is_done(place, &done));
    if (done)
        return STORE_OK;
    err = item_find(&document, IMPORT_ACCOUNT, &item, &text);
    if (err == STORE_NOT_FOUND) /* it has just been removed */
        return STORE_OK;
    TRY(err);
    TRY(import_text(&import, &text));
    TRY(set_mark(place));
    store_log(import.left > 0 ? STORE_LOG_WARNING : STORE_LOG_INFO,
              "%s: imported %zu secrets of an older document, and left out %zu that are damaged, "
              "too long or without a valid name; the document (service \"sideseat\", account "
              "\"vault\") is no longer used",
              place->backend, import.imported, import.left);
    return STORE_OK;
}

static enum store_err import_now(struct store_ctx *ctx, const struct item_place *place)
{
    bool done;
    int turn;
    enum store_err err;

    TRY(is_done(place, &done));
    if (done)
        return STORE_OK;
    TRY(turn_acquire(ctx, &turn));
    err = import_in_turn(place);
    turn_release(turn);
    return err;
}

enum store_err import_check(struct store_ctx *ctx, const struct item_place *place)
{
    if (!atomic_load(&ctx->imported)) {
        TRY(import_now(ctx, place));
        atomic_store(&ctx->imported, true);
    }
    return STORE_OK;
}

enum store_err import_possible(struct store_ctx *ctx, const struct item_place *place)
{
    struct item_place document = document_place(place);
    AUTO_SECRET text = {0};
    struct item item;
    bool done;
    enum store_err err;

    if (atomic_load(&ctx->imported))
        return STORE_OK;
    TRY(is_done(place, &done));
    err = done ? STORE_OK : item_find(&document, IMPORT_ACCOUNT, &item, &text);
    return err == STORE_NOT_FOUND ? STORE_OK : err;
}
