/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/secret-service/bus.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/time.h"
#include "store/user.h"

#define CLOSE_MS 500 /* closing waits this long for messages in transit */
#define TICK_MS 500  /* the interval at which a wait checks the connection */

int bus_left_ms(int64_t deadline)
{
    int64_t left = (deadline - store_time_monotonic() + STORE_TIME_MS - 1) / STORE_TIME_MS;

    return left < 1 ? 1 : left > INT32_MAX ? INT32_MAX : (int)left;
}

/* True if `path` is a socket of this user: another user's could pretend to be the bus. */
static bool own_socket(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISSOCK(st.st_mode) && st.st_uid == getuid();
}

char *bus_address(void)
{
    const char *address = store_env("DBUS_SESSION_BUS_ADDRESS");
    const char *folder = store_env("XDG_RUNTIME_DIR");
    char *path;
    char *escaped = NULL;
    char *found = NULL;

    /* "autolaunch:" would start a bus of our own, without a Secret Service. */
    if (address != NULL)
        return g_str_has_prefix(address, "autolaunch:") ? NULL : g_strdup(address);
    if (folder == NULL || *folder != '/')
        return NULL;
    path = g_build_filename(folder, "bus", NULL);
    if (own_socket(path)) {
        escaped = g_dbus_address_escape_value(path);
        found = g_strconcat("unix:path=", escaped, NULL);
    }
    g_free(escaped);
    g_free(path);
    return found;
}

/* The main context of one call, which receives its replies. */
struct loop {
    GMainContext *context;
    GSource *timer;
    bool expired;
};

static gboolean on_timer(gpointer arg)
{
    ((struct loop *)arg)->expired = true;
    return G_SOURCE_REMOVE;
}

static gboolean on_tick(gpointer arg)
{
    (void)arg;
    return G_SOURCE_CONTINUE;
}

/* Begins a loop in `context`, which it takes, or in a new one. */
static void loop_begin(struct loop *loop, GMainContext *context)
{
    loop->context = context == NULL ? g_main_context_new() : context;
    loop->timer = NULL;
    loop->expired = false;
    g_main_context_push_thread_default(loop->context);
}

/* makes the deadline wake the loop; for calls without a timeout of their own. */
static void loop_limit(struct loop *loop, int64_t deadline)
{
    loop->timer = g_timeout_source_new((guint)bus_left_ms(deadline));
    g_source_set_callback(loop->timer, on_timer, loop, NULL);
    g_source_attach(loop->timer, loop->context);
}

static void loop_end(struct loop *loop)
{
    if (loop->timer != NULL) {
        g_source_destroy(loop->timer);
        g_source_unref(loop->timer);
    }
    g_main_context_pop_thread_default(loop->context);
    g_main_context_unref(loop->context);
}

/* The key under which a connection keeps the context of its creation: GDBus delivers its last
 * signal there. */
#define CONTEXT_KEY "sideseat-context"

static void free_context(gpointer context)
{
    g_main_context_unref(context);
}

struct connecting {
    GDBusConnection *bus;
    GError *error;
    bool done;
};

static void on_connected(GObject *source, GAsyncResult *result, gpointer arg)
{
    struct connecting *connecting = arg;

    (void)source;
    connecting->bus = g_dbus_connection_new_for_address_finish(result, &connecting->error);
    connecting->done = true;
}

GDBusConnection *bus_connect(const char *address, int64_t deadline, GError **error)
{
    GCancellable *cancel = g_cancellable_new();
    struct connecting connecting = {0};
    struct loop loop;

    loop_begin(&loop, NULL);
    loop_limit(&loop, deadline);
    /* Neither connecting nor authentication has a timeout in GDBus; canceling ends both. */
    g_dbus_connection_new_for_address(address,
                                      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                          G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                      NULL, cancel, on_connected, &connecting);
    while (!connecting.done) {
        g_main_context_iteration(loop.context, TRUE);
        if (loop.expired)
            g_cancellable_cancel(cancel);
    }
    if (connecting.bus != NULL)
        g_object_set_data_full(G_OBJECT(connecting.bus), CONTEXT_KEY,
                               g_main_context_ref(loop.context), free_context);
    loop_end(&loop);
    g_object_unref(cancel);
    if (connecting.bus == NULL && loop.expired) {
        g_clear_error(&connecting.error);
        g_set_error_literal(&connecting.error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                            "the bus did not complete the connection");
    }
    if (connecting.error != NULL)
        g_propagate_error(error, connecting.error);
    return connecting.bus;
}

static void on_closed(GObject *source, GAsyncResult *result, gpointer arg)
{
    (void)g_dbus_connection_close_finish(G_DBUS_CONNECTION(source), result, NULL);
    *(bool *)arg = true;
}

/* True if another owner (GDBus' thread, for a moment longer) still has a reference. */
static bool is_alive(GWeakRef *ref)
{
    GObject *object = g_weak_ref_get(ref);

    if (object != NULL)
        g_object_unref(object);
    return object != NULL;
}

void bus_disconnect(GDBusConnection *bus)
{
    GCancellable *cancel;
    GWeakRef stream;
    bool closed = false;
    struct loop loop;

    if (bus == NULL)
        return;
    cancel = g_cancellable_new();
    loop_begin(&loop, g_main_context_ref(g_object_get_data(G_OBJECT(bus), CONTEXT_KEY)));
    loop_limit(&loop, store_time_monotonic() + CLOSE_MS * STORE_TIME_MS);
    g_dbus_connection_close(bus, cancel, on_closed, &closed);
    while (!closed || (!g_dbus_connection_is_closed(bus) && !loop.expired)) {
        g_main_context_iteration(loop.context, TRUE);
        if (loop.expired)
            g_cancellable_cancel(cancel);
    }
    /* The signal `closed`, which holds a reference to the connection. */
    while (g_main_context_iteration(loop.context, FALSE))
        continue;
    g_weak_ref_init(&stream, g_dbus_connection_get_stream(bus));
    g_object_unref(bus);
    while (is_alive(&stream) && !loop.expired) {
        g_usleep(100);
        g_main_context_iteration(loop.context, FALSE);
    }
    g_weak_ref_clear(&stream);
    loop_end(&loop);
    g_object_unref(cancel);
}

static void on_reply(GObject *source, GAsyncResult *result, gpointer arg)
{
    struct bus_call *call = arg;

    call->reply = g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, &call->error);
}

static void start(GDBusConnection *bus, struct bus_call *call, int64_t deadline)
{
    call->reply = NULL;
    call->error = NULL;
    g_dbus_connection_call(bus, call->to, call->path, call->interface, call->method,
                           call->arguments, G_VARIANT_TYPE(call->type), G_DBUS_CALL_FLAGS_NONE,
                           bus_left_ms(deadline), NULL, on_reply, call);
    call->arguments = NULL;
}

static bool finished(const struct bus_call *call)
{
    return call->reply != NULL || call->error != NULL;
}

void bus_run(GDBusConnection *bus, struct bus_call *calls, size_t count, int64_t deadline)
{
    struct loop loop;

    loop_begin(&loop, NULL);
    for (size_t i = 0; i < count; i++)
        start(bus, &calls[i], deadline);
    for (size_t i = 0; i < count; i++)
        while (!finished(&calls[i]))
            g_main_context_iteration(loop.context, TRUE);
    loop_end(&loop);
}

void bus_calls_clear(struct bus_call *calls, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        g_clear_pointer(&calls[i].reply, g_variant_unref);
        g_clear_error(&calls[i].error);
    }
}

void bus_send(GDBusConnection *bus, const char *to, const char *path, const char *interface,
              const char *method, GVariant *arguments)
{
    GDBusMessage *message = g_dbus_message_new_method_call(to, path, interface, method);

    if (arguments != NULL)
        g_dbus_message_set_body(message, arguments);
    g_dbus_message_set_flags(message, G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED);
    g_dbus_connection_send_message(bus, message, G_DBUS_SEND_MESSAGE_FLAGS_NONE, NULL, NULL);
    g_object_unref(message);
}

static void on_signal(GDBusConnection *bus, const char *from, const char *path,
                      const char *interface, const char *signal, GVariant *arguments, gpointer arg)
{
    GVariant **out = arg;

    (void)bus, (void)from, (void)path, (void)interface, (void)signal;
    if (*out == NULL)
        *out = g_variant_ref(arguments);
}

static void on_owner_changed(GDBusConnection *bus, const char *from, const char *path,
                             const char *interface, const char *signal, GVariant *arguments,
                             gpointer arg)
{
    const char *owner = NULL;

    (void)bus, (void)from, (void)path, (void)interface, (void)signal;
    if (!g_variant_is_of_type(arguments, G_VARIANT_TYPE("(sss)")))
        return;
    g_variant_get(arguments, "(&s&s&s)", NULL, NULL, &owner);
    if (*owner == '\0')
        *(bool *)arg = true;
}

/* Iterates until the signal arrives; sets `error` if it cannot arrive any more. */
static void wait_for(struct loop *loop, GDBusConnection *bus, GVariant **signal, const bool *gone,
                     GError **error)
{
    GSource *tick = g_timeout_source_new(TICK_MS);

    g_source_set_callback(tick, on_tick, NULL, NULL);
    g_source_attach(tick, loop->context);
    while (*signal == NULL && !*gone && !loop->expired && !g_dbus_connection_is_closed(bus))
        g_main_context_iteration(loop->context, TRUE);
    g_source_destroy(tick);
    g_source_unref(tick);
    if (*signal != NULL)
        return;
    if (loop->expired)
        g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                            "the signal did not arrive in time");
    else
        g_set_error_literal(error, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY,
                            "the service went away in the meantime");
}

GVariant *bus_call_and_wait(GDBusConnection *bus, struct bus_call *call,
                            const struct bus_wait *wait, bool (*needed)(GVariant *reply),
                            int64_t deadline, GError **error)
{
    GVariant *signal = NULL;
    bool gone = false;
    guint watch = 0;
    guint listener;
    struct loop loop;

    loop_begin(&loop, NULL);
    loop_limit(&loop, deadline);
    listener = g_dbus_connection_signal_subscribe(bus, wait->from, wait->interface, wait->signal,
                                                  wait->path, wait->first, G_DBUS_SIGNAL_FLAGS_NONE,
                                                  on_signal, &signal, NULL);
    if (wait->gone != NULL)
        watch = g_dbus_connection_signal_subscribe(bus, BUS_NAME, BUS_NAME, "NameOwnerChanged",
                                                   BUS_PATH, wait->gone, G_DBUS_SIGNAL_FLAGS_NONE,
                                                   on_owner_changed, &gone, NULL);
    start(bus, call, deadline);
    while (!finished(call))
        g_main_context_iteration(loop.context, TRUE);
    if (call->reply != NULL && (needed == NULL || needed(call->reply)))
        wait_for(&loop, bus, &signal, &gone, error);
    g_dbus_connection_signal_unsubscribe(bus, listener);
    if (watch != 0)
        g_dbus_connection_signal_unsubscribe(bus, watch);
    /* Signals in transit have lost their listener, but their sources belong to this context. */
    while (g_main_context_iteration(loop.context, FALSE))
        continue;
    loop_end(&loop);
    if (signal != NULL && call->reply == NULL)
        g_clear_pointer(&signal, g_variant_unref);
    return signal;
}
