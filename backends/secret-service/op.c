/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/secret-service/op.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "store/scope.h"
#include "store/thread.h"
#include "store/time.h"

/* How often an operation starts again because others change its items. */
#define RUNS_MAX 20

#define REMEDY_BUS                                                                                 \
    "log in to a desktop session, or start the program with dbus-run-session, or choose another "  \
    "backend"
#define REMEDY_SERVICE                                                                             \
    "install and start one (gnome-keyring, KeePassXC with its Secret Service integration, or "     \
    "KWallet), or choose another backend"
#define REMEDY_FROZEN                                                                              \
    "the service may be waiting for a dialog or have hung; answer it, or restart the service"

void op_log(struct op *op, enum store_log_level level, const char *remedy, const char *format, ...)
{
    char text[512];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (op->health != NULL) {
        snprintf(op->health->text, sizeof op->health->text, "%.255s", text);
        snprintf(op->health->remedy, sizeof op->health->remedy, "%s", remedy);
        return;
    }
    store_log(level, "secret-service: %s%s%s: %s; %s", op->doing, op->key == NULL ? "" : " ",
              op->key == NULL ? "" : op->key, text, remedy);
}

bool op_wait(struct op *op)
{
    return store_thread_wait(&op->ctx->changed, &op->ctx->lock, op->deadline);
}

/* Logs why there is no link. */
static enum store_err link_failed(struct op *op, enum link_step step, const GError *error)
{
    const char *why = error == NULL ? "" : error->message;
    bool late = g_error_matches(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
    const char *text = "there is no D-Bus session bus (neither DBUS_SESSION_BUS_ADDRESS nor "
                       "$XDG_RUNTIME_DIR/bus)";
    const char *remedy = REMEDY_BUS;

    if (step == LINK_CONNECT || step == LINK_OWNER) {
        text = late ? "the D-Bus session bus does not answer" : "the D-Bus session bus refuses";
        remedy = "check DBUS_SESSION_BUS_ADDRESS, and that the bus is this user's and running";
    } else if (step == LINK_START) {
        text = late ? "the Secret Service does not start in time"
                    : "no Secret Service runs on the session bus, and none can be started";
        remedy = REMEDY_SERVICE;
    } else if (step == LINK_SESSION) {
        if (!late)
            return op_failed(op, error, OP_READ);
        text = "the Secret Service does not answer";
        remedy = REMEDY_FROZEN;
    }
    op_log(op, STORE_LOG_ERROR, remedy, "%s%s%s", text, *why == '\0' ? "" : ": ", why);
    return late ? STORE_TIMEOUT : STORE_UNAVAILABLE;
}

/* Makes the ctx's link, one thread at a time; the others wait for it. The ctx is locked. */
static enum store_err link_make(struct op *op)
{
    struct store_ctx *ctx = op->ctx;
    enum link_step step = LINK_ADDRESS;
    GError *error = NULL;
    struct link *made;
    enum store_err err = STORE_OK;

    ctx->linking = true;
    pthread_mutex_unlock(&ctx->lock);
    made = link_open(op->deadline, &step, &error);
    if (made == NULL)
        err = link_failed(op, step, error);
    g_clear_error(&error);
    pthread_mutex_lock(&ctx->lock);
    ctx->linking = false;
    ctx->link = made;
    g_clear_pointer(&ctx->collection, g_free);
    pthread_cond_broadcast(&ctx->changed);
    return err;
}

/* Acquires a reference to an open link. */
static enum store_err link_acquire(struct op *op)
{
    struct store_ctx *ctx = op->ctx;
    enum store_err err = STORE_OK;

    pthread_mutex_lock(&ctx->lock);
    while (ctx->linking && err == STORE_OK)
        if (!op_wait(op))
            err = STORE_TIMEOUT;
    if (err == STORE_OK && ctx->link != NULL && link_is_closed(ctx->link)) {
        link_unref(ctx->link);
        ctx->link = NULL;
    }
    if (err == STORE_TIMEOUT)
        op_log(op, STORE_LOG_ERROR, REMEDY_FROZEN, "no connection in time");
    else if (ctx->link == NULL)
        err = link_make(op);
    if (err == STORE_OK)
        op->link = link_ref(ctx->link);
    pthread_mutex_unlock(&ctx->lock);
    return err;
}

/* Releases the link; drops a broken one, so that no other operation gets it. */
static void link_release(struct op *op, bool drop)
{
    struct store_ctx *ctx = op->ctx;

    pthread_mutex_lock(&ctx->lock);
    if (drop && ctx->link == op->link) {
        ctx->link = NULL;
        link_unref(op->link);
    }
    pthread_mutex_unlock(&ctx->lock);
    link_unref(op->link);
    op->link = NULL;
    g_clear_pointer(&op->collection, g_free);
}

enum store_err op_run(struct op op, const char *setting,
                      enum store_err (*work)(struct op *op, void *arg), void *arg)
{
    int64_t limit = store_conf_number(op.ctx->conf, setting) * STORE_TIME_MS;
    enum store_err err;

    op.deadline = store_time_monotonic() + limit;
    do {
        op.again = false;
        op.relink = false;
        err = link_acquire(&op);
        if (err == STORE_OK) {
            err = work(&op, arg);
            link_release(&op, op.relink);
        }
        op.runs++;
        op.relinked = op.relinked || op.relink;
    } while (op.again);
    return err;
}

struct prepared {
    enum store_err (*work)(struct op *op, void *arg);
    void *arg;
};

static enum store_err prepare_and_work(struct op *op, void *arg)
{
    const struct prepared *prepared = arg;

    TRY(op->ctx->prepare(op));
    return prepared->work(op, prepared->arg);
}

enum store_err op_run_prepared(struct op op, enum store_err (*work)(struct op *op, void *arg),
                               void *arg)
{
    struct prepared prepared = {.work = work, .arg = arg};

    return op_run(op, "timeout_ms", prepare_and_work, &prepared);
}

/* Requests another run of the operation, unless one has not helped before. */
static bool run_again(struct op *op, bool relink)
{
    op->relink = op->relink || relink;
    op->again = relink ? !op->relinked : op->runs < RUNS_MAX;
    return op->again;
}

struct judgement {
    enum store_err err;
    const char *text;
    const char *remedy;
};

/* The meaning of D-Bus errors of the service or the bus itself. */
static struct judgement judge(const GError *error)
{
    static const struct judgement late = {STORE_TIMEOUT, "the Secret Service does not answer",
                                          REMEDY_FROZEN};
    static const struct judgement gone = {STORE_UNAVAILABLE, "the Secret Service went away",
                                          "the next call will look for it again"};
    static const struct judgement denied = {STORE_DENIED, "access was denied",
                                            "allow this program in the service's settings, or in "
                                            "the bus's or the sandbox's policy"};
    static const struct judgement full = {STORE_FULL, "the service or the bus is at its limits",
                                          "remove unused secrets, or raise the limits"};
    static const struct judgement other = {STORE_UNAVAILABLE, "the Secret Service failed",
                                           "see the service's own log"};

    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT) ||
        g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_TIMEOUT) ||
        g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_TIMED_OUT))
        return late;
    if (g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY) ||
        g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN) ||
        g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER) ||
        g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_DISCONNECTED) ||
        g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CLOSED))
        return gone;
    if (g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED) ||
        g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_AUTH_FAILED))
        return denied;
    if (g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_LIMITS_EXCEEDED) ||
        g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_NO_MEMORY))
        return full;
    return other;
}

/* KWallet's error for a session that it does not know (any more). */
static bool is_lost_in_kwallet(const GError *error, const char *name)
{
    return g_strcmp0(name, "org.qtproject.QtDBus.Error.InvalidObjectPath") == 0 &&
           strstr(error->message, "/secrets/session/") != NULL;
}

/* True if the call certainly changed nothing, because it did not reach a service that knows our
 * session. */
static bool nothing_done(const GError *error, const char *name)
{
    return is_lost_in_kwallet(error, name) ||
           g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN) ||
           g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER) ||
           g_strcmp0(name, "org.freedesktop.Secret.Error.NoSession") == 0;
}

bool op_is_gone(const GError *error)
{
    char *name = g_dbus_error_get_remote_error(error);
    bool gone = g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_OBJECT) ||
                g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD) ||
                g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_INTERFACE) ||
                g_strcmp0(name, "org.freedesktop.Secret.Error.NoSuchObject") == 0;

    g_free(name);
    return gone;
}

enum store_err op_failed(struct op *op, const GError *error, enum op_kind kind)
{
    char *name = g_dbus_error_get_remote_error(error);
    struct judgement judged = judge(error);
    bool cure = false;

    if (g_strcmp0(name, "org.freedesktop.Secret.Error.IsLocked") == 0) {
        g_free(name);
        return op_locked(op);
    }
    if (op_is_gone(error))
        cure = run_again(op, false);
    else if (nothing_done(error, name) || (judged.err == STORE_UNAVAILABLE && kind == OP_READ))
        cure = run_again(op, true);
    if (!cure)
        op_log(op, STORE_LOG_ERROR, judged.remedy, "%s%s: %s", judged.text,
               kind == OP_CHANGE ? ", and the change may or may not have been made" : "",
               error->message);
    g_free(name);
    return judged.err;
}

enum store_err op_locked(struct op *op)
{
    op_log(op, STORE_LOG_WARNING,
           "log in to the token to be asked for the password, or unlock it with the desktop's "
           "password manager",
           "the default collection is locked");
    return STORE_LOCKED;
}

enum store_err op_strange(struct op *op, const char *what)
{
    op_log(op, STORE_LOG_ERROR, "see the service's own log", "%s", what);
    return STORE_CORRUPT;
}

enum store_err op_damaged(struct op *op, const char *what)
{
    return run_again(op, true) ? STORE_CORRUPT : op_strange(op, what);
}

enum store_err op_calls(struct op *op, struct bus_call *calls, size_t count, enum op_kind kind)
{
    bus_run(op->link->bus, calls, count, op->deadline);
    for (size_t i = 0; i < count; i++)
        if (calls[i].error != NULL)
            return op_failed(op, calls[i].error, kind);
    return STORE_OK;
}

enum store_err op_ask(struct op *op, struct bus_call call, GVariant **reply)
{
    enum store_err err = op_calls(op, &call, 1, OP_READ);

    *reply = g_steal_pointer(&call.reply);
    bus_calls_clear(&call, 1);
    return err;
}

struct bus_call op_collection_call(struct op *op)
{
    const char *alias = store_conf_text(op->ctx->conf, "secret_service.collection");

    return link_call(op->link, SECRETS_PATH, SECRETS_INTERFACE, "ReadAlias",
                     g_variant_new("(s)", alias), "(o)");
}

enum store_err op_parse_collection(struct op *op, GVariant *reply)
{
    const char *path;

    g_variant_get(reply, "(&o)", &path);
    if (strcmp(path, "/") == 0) {
        op_log(op, STORE_LOG_ERROR,
               "create one with the desktop's password manager and make it the default, or log in "
               "to the desktop once",
               "the Secret Service has no collection with the alias \"%s\"",
               store_conf_text(op->ctx->conf, "secret_service.collection"));
        return STORE_UNAVAILABLE;
    }
    g_free(op->collection);
    op->collection = g_strdup(path);
    pthread_mutex_lock(&op->ctx->lock);
    g_free(op->ctx->collection);
    op->ctx->collection = g_strdup(path);
    op->ctx->collection_ns = store_time_monotonic();
    pthread_mutex_unlock(&op->ctx->lock);
    return STORE_OK;
}

bool op_recall_collection(struct op *op)
{
    struct store_ctx *ctx = op->ctx;

    pthread_mutex_lock(&ctx->lock);
    if (ctx->collection != NULL && store_time_monotonic() - ctx->collection_ns < STORE_TIME_S) {
        g_free(op->collection);
        op->collection = g_strdup(ctx->collection);
    }
    pthread_mutex_unlock(&ctx->lock);
    return op->collection != NULL;
}

enum store_err op_find_collection(struct op *op)
{
    GVariant *reply = NULL;
    enum store_err err = op_ask(op, op_collection_call(op), &reply);

    if (err == STORE_OK)
        err = op_parse_collection(op, reply);
    g_clear_pointer(&reply, g_variant_unref);
    return err;
}

enum store_err op_check_unlocked(struct op *op)
{
    GVariant *reply = NULL;
    GVariant *value;
    enum store_err err;

    TRY(op_ask(op, link_get(op->link, op->collection, COLLECTION_INTERFACE, "Locked"), &reply));
    g_variant_get(reply, "(v)", &value);
    if (!g_variant_is_of_type(value, G_VARIANT_TYPE_BOOLEAN))
        err = op_strange(op, "the collection does not say whether it is locked");
    else
        err = g_variant_get_boolean(value) ? op_locked(op) : STORE_OK;
    g_variant_unref(value);
    g_variant_unref(reply);
    return err;
}
