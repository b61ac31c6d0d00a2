/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/secitem/run.h"

#include <stdio.h>
#include <unistd.h>

#include "backends/secitem/import.h"
#include "store/log.h"

/* The process that loaded this code, and CoreFoundation with it, whose children cannot use it. */
static pid_t loaded_in;

__attribute__((constructor)) static void remember_process(void)
{
    loaded_in = getpid();
}

#define FORKED "this process was forked, and macOS keeps its keychain from such a process"
#define FORKED_REMEDY "start the program anew in it (exec), or use the store before the fork only"

static enum store_err check_process(const struct store_ctx *ctx, struct store_health *health)
{
    if (getpid() == loaded_in)
        return STORE_OK;
    if (health == NULL) {
        store_log(STORE_LOG_ERROR, "%s: " FORKED "; " FORKED_REMEDY, ctx->backend);
        return STORE_UNAVAILABLE;
    }
    snprintf(health->text, sizeof health->text, "%s", FORKED);
    snprintf(health->remedy, sizeof health->remedy, "%s", FORKED_REMEDY);
    return STORE_UNAVAILABLE;
}

static struct item_place place_of(struct store_ctx *ctx)
{
    enum item_keychain keychain = (enum item_keychain)atomic_load(&ctx->keychain);

    return (struct item_place){
        .backend = ctx->backend,
        .service = keychain == ITEM_LOGIN ? "sideseat" : "com.sideseat.secrets",
        .keychain = keychain,
    };
}

/* True if the answer shows if this program has the entitlement. */
static bool is_settled(enum store_err err)
{
    return err != STORE_UNAVAILABLE && err != STORE_FAILED && err != STORE_NO_MEMORY;
}

static void fall_back(struct store_ctx *ctx)
{
    int open = SECITEM_OPEN;

    /* before the choice, so that a thread that sees it made uses this keychain */
    atomic_store(&ctx->keychain, ITEM_LOGIN);
    if (atomic_compare_exchange_strong(&ctx->choice, &open, SECITEM_FINAL))
        store_log(STORE_LOG_WARNING,
                  "%s: this program has no entitlement for the Data Protection Keychain, so its "
                  "secrets are in the login keychain; sign it with keychain-access-groups, or name "
                  "the backend keychain",
                  ctx->backend);
}

/* Finds out if this program has the entitlement, with an item that need not exist. Until a call has
 * told, no operation uses either keychain. */
static enum store_err settle(struct store_ctx *ctx, struct store_health *health)
{
    struct item_place place = place_of(ctx);
    struct item item;
    enum store_err err;

    if (atomic_load(&ctx->choice) != SECITEM_OPEN)
        return STORE_OK;
    place.expected = is_settled;
    place.health = health;
    err = item_find(&place, "entitled", &item, NULL);
    if (!is_settled(err))
        return err;
    if (err == STORE_AUTH)
        fall_back(ctx);
    else
        atomic_store(&ctx->choice, SECITEM_FINAL);
    return STORE_OK;
}

enum store_err run_work(struct store_ctx *ctx, enum run_mode mode, run_work_fn *work, void *arg)
{
    struct item_place place;

    TRY(check_process(ctx, NULL));
    TRY(settle(ctx, NULL));
    place = place_of(ctx);
    place.prompts = mode == RUN_PROMPTS;
    TRY(import_check(ctx, &place));
    return work(ctx, &place, arg);
}

enum store_err run_health(struct store_ctx *ctx, struct store_health *health, run_work_fn *work,
                          void *arg)
{
    struct item_place place;

    TRY(check_process(ctx, health));
    TRY(settle(ctx, health));
    place = place_of(ctx);
    place.health = health;
    TRY(import_possible(ctx, &place));
    return work(ctx, &place, arg);
}
