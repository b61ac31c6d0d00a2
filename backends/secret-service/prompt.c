/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/secret-service/calls.h"

#define PROMPT_INTERFACE "org.freedesktop.Secret.Prompt"

static enum store_err dismissed(struct op *op)
{
    op_log(op, STORE_LOG_WARNING, "try again, or, without a desktop, use the service's own program",
           "the prompt was dismissed, or the service could not show it");
    return STORE_CANCELED;
}

/* Dismisses a prompt that nobody has answered. */
static enum store_err expired(struct op *op, const char *path)
{
    bus_send(op->link->bus, op->link->owner, path, PROMPT_INTERFACE, "Dismiss", NULL);
    op_log(op, STORE_LOG_ERROR, "try again, or use the desktop's password manager",
           "nobody answered the prompt in time, so it was dismissed");
    return STORE_TIMEOUT;
}

static enum store_err read_result(struct op *op, GVariant *signal, GVariant **result)
{
    gboolean was_dismissed;

    if (!g_variant_is_of_type(signal, G_VARIANT_TYPE("(bv)")))
        return op_strange(op, "the prompt's answer is invalid");
    g_variant_get(signal, "(bv)", &was_dismissed, result);
    if (!was_dismissed)
        return STORE_OK;
    g_clear_pointer(result, g_variant_unref);
    return dismissed(op);
}

enum store_err prompt_run(struct op *op, const char *path, GVariant **result)
{
    struct bus_call call =
        link_call(op->link, path, PROMPT_INTERFACE, "Prompt", g_variant_new("(s)", ""), "()");
    struct bus_wait wait = {.from = op->link->owner,
                            .path = path,
                            .interface = PROMPT_INTERFACE,
                            .signal = "Completed",
                            .gone = op->link->owner};
    GError *error = NULL;
    GVariant *signal = bus_call_and_wait(op->link->bus, &call, &wait, NULL, op->deadline, &error);
    enum store_err err;

    *result = NULL;
    if (signal != NULL)
        err = read_result(op, signal, result);
    else if (call.error == NULL && g_error_matches(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
        err = expired(op, path);
    else
        err = op_failed(op, call.error != NULL ? call.error : error, OP_CHANGE);
    g_clear_pointer(&signal, g_variant_unref);
    g_clear_error(&error);
    bus_calls_clear(&call, 1);
    return err;
}
