/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/secret-service/calls.h"

#include <stdio.h>
#include <string.h>

#include "store/scope.h"

/* Calls "Lock" or "Unlock" for the default collection (Secret Service API, "Locking and
 * Unlocking"); the service may ask the user. */
static enum store_err change_lock(struct op *op, const char *method)
{
    const char *paths[] = {op->collection};
    struct bus_call call = link_call(op->link, SECRETS_PATH, SECRETS_INTERFACE, method,
                                     g_variant_new("(@ao)", g_variant_new_objv(paths, 1)), "(aoo)");
    enum store_err err = op_calls(op, &call, 1, OP_READ);
    GVariant *result = NULL;
    const char *prompt;

    if (err == STORE_OK) {
        g_variant_get(call.reply, "(ao&o)", NULL, &prompt);
        if (strcmp(prompt, "/") != 0)
            err = prompt_run(op, prompt, &result);
    }
    g_clear_pointer(&result, g_variant_unref);
    bus_calls_clear(&call, 1);
    return err;
}

/* Tells if the default collection is locked, and logs nothing. */
static enum store_err is_locked(struct op *op, bool *locked)
{
    GVariant *reply = NULL;
    GVariant *value = NULL;

    TRY(op_ask(op, link_get(op->link, op->collection, COLLECTION_INTERFACE, "Locked"), &reply));
    g_variant_get(reply, "(v)", &value);
    *locked = g_variant_is_of_type(value, G_VARIANT_TYPE_BOOLEAN) && g_variant_get_boolean(value);
    g_variant_unref(value);
    g_variant_unref(reply);
    return STORE_OK;
}

static enum store_err login_work(struct op *op, void *arg)
{
    bool locked = false;

    (void)arg;
    TRY(op_find_collection(op));
    TRY(is_locked(op, &locked));
    if (!locked)
        return STORE_OK;
    TRY(change_lock(op, "Unlock"));
    return op_check_unlocked(op);
}

/* The PIN is ignored: the protocol cannot pass a password to the service, which asks for it itself.
 */
enum store_err secrets_login(struct store_ctx *ctx, const struct store_secret *pin)
{
    (void)pin;
    return op_run((struct op){.ctx = ctx, .doing = "login"}, "login_timeout_ms", login_work, NULL);
}

static enum store_err lock_work(struct op *op, void *arg)
{
    bool locked = false;

    (void)arg;
    TRY(op_find_collection(op));
    TRY(is_locked(op, &locked));
    if (locked)
        return STORE_OK;
    TRY(change_lock(op, "Lock"));
    TRY(is_locked(op, &locked));
    if (locked)
        return STORE_OK;
    op_log(op, STORE_LOG_ERROR, "lock it with the desktop's password manager",
           "the service has left the default collection unlocked");
    return STORE_UNAVAILABLE;
}

enum store_err secrets_lock(struct store_ctx *ctx)
{
    return op_run((struct op){.ctx = ctx, .doing = "locking"}, "login_timeout_ms", lock_work, NULL);
}

static enum store_err health_work(struct op *op, void *arg)
{
    struct store_health *out = arg;

    TRY(op_find_collection(op));
    TRY(op_check_unlocked(op));
    snprintf(out->text, sizeof out->text, "unlocked; the default collection is %.200s",
             op->collection);
    store_scope_tell_unnamed(out->text, sizeof out->text, atomic_load(&op->ctx->unnamed));
    out->remedy[0] = '\0';
    return STORE_OK;
}

void secrets_health(struct store_ctx *ctx, struct store_health *out)
{
    *out = (struct store_health){0};
    out->err = op_run((struct op){.ctx = ctx, .doing = "looking", .health = out}, "timeout_ms",
                      health_work, out);
}
