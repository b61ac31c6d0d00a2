/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/secret-service/calls.h"

/*
 * One writer at a time. The Secret Service has no compare-and-set and no transaction, so all of our
 * writers, in every process, take turns: the owner of this name on the bus may write. All clients
 * of one service share its bus (they might not share the path of a lock file). The bus passes the
 * name to the next in line, and frees it when its owner dies. (D-Bus specification, "RequestName".)
 */
#define TURN_NAME "com.sideseat.SecretService.Writer"

#define IN_QUEUE 2

static bool must_wait(GVariant *reply)
{
    guint32 answer;

    g_variant_get(reply, "(u)", &answer);
    return answer == IN_QUEUE;
}

static struct bus_call name_call(const char *method, GVariant *arguments)
{
    return (struct bus_call){.to = BUS_NAME,
                             .path = BUS_PATH,
                             .interface = BUS_NAME,
                             .method = method,
                             .arguments = arguments,
                             .type = "(u)"};
}

static void name_release(struct op *op)
{
    bus_send(op->link->bus, BUS_NAME, BUS_PATH, BUS_NAME, "ReleaseName",
             g_variant_new("(s)", TURN_NAME));
}

static enum store_err turn_late(struct op *op)
{
    op_log(op, STORE_LOG_ERROR, "see who owns " TURN_NAME " on the session bus",
           "another program is writing and does not finish");
    return STORE_TIMEOUT;
}

/* The turn among processes. */
static enum store_err name_acquire(struct op *op)
{
    struct bus_call call = name_call("RequestName", g_variant_new("(su)", TURN_NAME, 0));
    struct bus_wait wait = {
        .from = BUS_NAME, .interface = BUS_NAME, .signal = "NameAcquired", .first = TURN_NAME};
    GError *error = NULL;
    GVariant *signal =
        bus_call_and_wait(op->link->bus, &call, &wait, must_wait, op->deadline, &error);
    enum store_err err = STORE_OK;

    if (call.error != NULL)
        err = op_failed(op, call.error, OP_READ);
    else if (error != NULL)
        err = g_error_matches(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT)
                  ? turn_late(op)
                  : op_failed(op, error, OP_READ);
    if (err != STORE_OK)
        name_release(op); /* and out of the queue */
    g_clear_pointer(&signal, g_variant_unref);
    g_clear_error(&error);
    bus_calls_clear(&call, 1);
    return err;
}

enum store_err turn_acquire(struct op *op)
{
    struct store_ctx *ctx = op->ctx;
    bool late = false;
    enum store_err err;

    pthread_mutex_lock(&ctx->lock);
    while (ctx->writing && !late)
        late = !op_wait(op);
    if (!late)
        ctx->writing = true;
    pthread_mutex_unlock(&ctx->lock);
    if (late)
        return turn_late(op);
    err = name_acquire(op);
    if (err != STORE_OK) {
        pthread_mutex_lock(&ctx->lock);
        ctx->writing = false;
        pthread_cond_broadcast(&ctx->changed);
        pthread_mutex_unlock(&ctx->lock);
    }
    return err;
}

void turn_release(struct op *op)
{
    struct store_ctx *ctx = op->ctx;

    name_release(op);
    pthread_mutex_lock(&ctx->lock);
    ctx->writing = false;
    pthread_cond_broadcast(&ctx->changed);
    pthread_mutex_unlock(&ctx->lock);
}
