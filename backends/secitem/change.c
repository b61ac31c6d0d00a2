/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/secitem/secitem.h"

#include <string.h>

#include "backends/secitem/run.h"
#include "backends/secitem/turn.h"
#include "store/log.h"

/* The module's limit for a value. */
#define VALUE_MAX ((size_t)1024 * 1024)

/* How often a write begins again because another program makes or removes the item meanwhile. */
#define ATTEMPTS 3

struct change {
    const char *key;
    const struct store_secret *value; /* NULL: remove */
    const char *if_version;
    struct store_record *out;
};

/* CONFLICT or NOT_FOUND unless the secret has the version that the change asks for. */
static enum store_err compare(const struct change *change, bool exists, const struct item *now)
{
    struct store_record record = {0};

    if (change->if_version != NULL && exists)
        item_describe(now, &record);
    return store_version_check(change->if_version, exists, record.version);
}

/* One attempt: NOT_FOUND or CONFLICT if another program has just removed or made the item. */
static enum store_err put(const struct item_place *place, const struct change *change, bool exists)
{
    if (exists)
        return item_update(place, change->key, change->value);
    return item_add(place, change->key, change->value);
}

static enum store_err write_item(const struct item_place *place, const struct change *change)
{
    struct item now;
    enum store_err err = STORE_OK;

    for (int i = 0; i < ATTEMPTS; i++) {
        err = item_find(place, change->key, &now, NULL);
        if (err != STORE_OK && err != STORE_NOT_FOUND)
            return err;
        bool exists = err == STORE_OK;
        TRY(compare(change, exists, &now));
        err = put(place, change, exists);
        if (err != STORE_NOT_FOUND && err != STORE_CONFLICT)
            return err;
    }
    store_log(STORE_LOG_ERROR,
              "%s: another program keeps making and removing %s, or has an item of this name that "
              "is hidden; look in Keychain Access",
              place->backend, change->key);
    return STORE_UNAVAILABLE;
}

/* Reads the times and the version that the write has made. The write is done by then, so an error
 * says only that its outcome is not known. */
static enum store_err tell(const struct item_place *place, const struct change *change)
{
    struct store_record record = {0};
    struct item now;

    if (change->out == NULL)
        return STORE_OK;
    if (item_find(place, change->key, &now, NULL) != STORE_OK)
        return STORE_UNAVAILABLE;
    item_describe(&now, &record);
    store_record_share(change->out, &record);
    return STORE_OK;
}

static enum store_err remove_item(const struct item_place *place, const struct change *change)
{
    struct item now;

    if (change->if_version != NULL) {
        TRY(item_find(place, change->key, &now, NULL));
        TRY(compare(change, true, &now));
    }
    return item_remove(place, change->key);
}

static enum store_err change_work(struct store_ctx *ctx, const struct item_place *place, void *arg)
{
    const struct change *change = arg;
    enum store_err err;
    int turn;

    TRY(turn_acquire(ctx, &turn));
    err = change->value == NULL ? remove_item(place, change) : write_item(place, change);
    if (err == STORE_OK && change->value != NULL)
        err = tell(place, change);
    turn_release(turn);
    return err;
}

enum store_err secitem_write(struct store_ctx *ctx, const char *key,
                             const struct store_secret *value, const char *if_version,
                             struct store_record *out)
{
    struct change change = {.key = key, .value = value, .if_version = if_version, .out = out};

    if (out != NULL)
        store_record_clear(out);
    if (value->len > VALUE_MAX) {
        store_log(STORE_LOG_ERROR, "%s: the value of %s has %zu bytes; the most is %zu",
                  ctx->backend, key, value->len, VALUE_MAX);
        return STORE_TOO_BIG;
    }
    return run_work(ctx, RUN_SILENT, change_work, &change);
}

enum store_err secitem_remove(struct store_ctx *ctx, const char *key, const char *if_version)
{
    struct change change = {.key = key, .if_version = if_version};

    return run_work(ctx, RUN_SILENT, change_work, &change);
}
