/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/secitem/secitem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/secitem/import.h"
#include "backends/secitem/run.h"
#include "store/log.h"
#include "store/scope.h"

enum store_err secitem_open(struct store_ctx **out, const struct store_conf *conf,
                            enum item_keychain keychain)
{
    struct store_ctx *ctx = calloc(1, sizeof *ctx);
    const char *folder = store_conf_data_dir(conf);
    bool open = keychain == ITEM_DATA_PROTECTION && store_conf_platform_chose(conf);

    if (ctx == NULL)
        return STORE_NO_MEMORY;
    ctx->conf = conf;
    ctx->backend = store_conf_backend(conf);
    atomic_init(&ctx->keychain, keychain);
    atomic_init(&ctx->choice, open ? SECITEM_OPEN : SECITEM_FINAL);
    if (folder != NULL && asprintf(&ctx->lock_path, "%s/keychain.lock", folder) < 0) {
        free(ctx);
        return STORE_NO_MEMORY;
    }
    *out = ctx;
    return STORE_OK;
}

void secitem_close(struct store_ctx *ctx)
{
    if (ctx != NULL)
        free(ctx->lock_path);
    free(ctx);
}

struct reading {
    const char *key;
    struct store_record *out;
};

static enum store_err read_work(struct store_ctx *ctx, const struct item_place *place, void *arg)
{
    struct reading *reading = arg;
    AUTO_RECORD record = {0};
    struct item item;

    (void)ctx;
    TRY(item_find(place, reading->key, &item, &record.value));
    item_describe(&item, &record);
    store_record_share(reading->out, &record);
    return STORE_OK;
}

enum store_err secitem_read(struct store_ctx *ctx, const char *key, struct store_record *out)
{
    struct reading reading = {.key = key, .out = out};

    store_record_clear(out);
    return run_work(ctx, RUN_SILENT, read_work, &reading);
}

struct listing {
    const struct item_place *place;
    const char *prefix;
    store_each_fn *each; /* NULL: only count */
    void *arg;
    size_t count;
    size_t unnamed;
};

/* True for the older document, which is beside the secrets of the login keychain. */
static bool is_document(const struct item_place *place, const char *account)
{
    return account != NULL && place->keychain == ITEM_LOGIN && strcmp(account, IMPORT_ACCOUNT) == 0;
}

static enum store_err list_one(void *arg, const char *account, const struct item *item)
{
    struct listing *listing = arg;
    struct store_record record = {0}; /* without a value */

    if (is_document(listing->place, account))
        return STORE_OK;
    if (account == NULL || store_scope_parse(account, strlen(account), NULL) != STORE_OK) {
        listing->unnamed++;
        return STORE_OK;
    }
    listing->count++;
    if (listing->each == NULL || strncmp(account, listing->prefix, strlen(listing->prefix)) != 0)
        return STORE_OK;
    item_describe(item, &record);
    return listing->each(listing->arg, account, STORE_OK, &record);
}

static enum store_err list_work(struct store_ctx *ctx, const struct item_place *place, void *arg)
{
    struct listing *listing = arg;

    (void)ctx;
    listing->place = place;
    return item_each(place, list_one, listing);
}

enum store_err secitem_list(struct store_ctx *ctx, const char *prefix, uint64_t *generation,
                            store_each_fn *each, void *arg)
{
    struct listing listing = {.prefix = prefix, .each = each, .arg = arg};

    if (generation != NULL)
        *generation = 0; /* the keychain does not tell of changes */
    TRY(run_work(ctx, RUN_SILENT, list_work, &listing));
    store_scope_warn_unnamed(ctx->backend, listing.unnamed);
    return STORE_OK;
}

void secitem_health(struct store_ctx *ctx, struct store_health *out)
{
    struct listing listing = {.prefix = ""};
    bool login;

    *out = (struct store_health){0};
    out->err = run_health(ctx, out, list_work, &listing);
    if (out->err != STORE_OK)
        return;
    login = atomic_load(&ctx->keychain) == ITEM_LOGIN;
    snprintf(out->text, sizeof out->text, "%zu secrets in the %s, service %s", listing.count,
             login ? "login keychain" : "Data Protection Keychain",
             login ? "sideseat" : "com.sideseat.secrets");
    out->remedy[0] = '\0';
    store_scope_tell_unnamed(out->text, sizeof out->text, listing.unnamed);
}

static bool is_locked(enum store_err err)
{
    return err == STORE_LOCKED;
}

/* An item that is locked outside of a login asks the user in one. */
static enum store_err unlock_one(void *arg, const char *account, const struct item *item)
{
    const struct item_place *place = arg;
    struct item_place silent = *place;
    AUTO_SECRET value = {0};
    struct item now;
    enum store_err err;

    (void)item;
    if (account == NULL || is_document(place, account))
        return STORE_OK;
    silent.prompts = false;
    silent.expected = is_locked;
    if (!is_locked(item_find(&silent, account, &now, &value)))
        return STORE_OK;
    err = item_find(place, account, &now, &value);
    return err == STORE_NOT_FOUND ? STORE_OK : err;
}

/* Writes an item of its own, which asks the user to unlock a keychain without secrets. */
static enum store_err unlock_empty(const struct item_place *place)
{
    static const char text[] = "This item unlocks the keychain.";
    struct item_place own = *place;
    AUTO_SECRET value = {0};
    enum store_err err;

    own.service = place->keychain == ITEM_LOGIN ? "sideseat.login" : "com.sideseat.secrets.login";
    TRY(store_secret_set(&value, text, sizeof text - 1));
    err = item_update(&own, "login", &value);
    return err == STORE_NOT_FOUND ? item_add(&own, "login", &value) : err;
}

static enum store_err login_work(struct store_ctx *ctx, const struct item_place *place, void *arg)
{
    struct listing listing = {.prefix = ""};

    (void)arg;
    TRY(list_work(ctx, place, &listing));
    if (listing.count == 0)
        return unlock_empty(place);
    return item_each(place, unlock_one, (void *)(uintptr_t)place);
}

/* The PIN is ignored: macOS asks for the keychain's password itself. */
enum store_err secitem_login(struct store_ctx *ctx, const struct store_secret *pin)
{
    (void)pin;
    return run_work(ctx, RUN_PROMPTS, login_work, NULL);
}

/* SecItem has no lock of its own. SecKeychain is deprecated, as file keychains are, and its
 * function is the one behind "security lock-keychain". */
static OSStatus lock_default_keychain(void)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    return SecKeychainLock(NULL);
#pragma GCC diagnostic pop
}

/* The Data Protection Keychain opens and closes with the user's session. */
static enum store_err lock_work(struct store_ctx *ctx, const struct item_place *place, void *arg)
{
    (void)ctx;
    (void)arg;
    if (place->keychain != ITEM_LOGIN)
        return STORE_UNSUPPORTED;
    return status_report(lock_default_keychain(), place->backend, "", NULL);
}

enum store_err secitem_lock(struct store_ctx *ctx)
{
    enum store_err err = run_work(ctx, RUN_SILENT, lock_work, NULL);

    return err == STORE_LOCKED ? STORE_OK : err; /* the import needs an open keychain */
}
