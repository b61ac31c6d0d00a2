/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/secret-service/link.h"

#define SERVICE_NAME "org.freedesktop.secrets"
#define SERVICE_PATH "/org/freedesktop/secrets"
#define SERVICE_INTERFACE "org.freedesktop.Secret.Service"

/* Tags the value (it is not a password to be shown); KWallet would keep text/plain as UTF-16. */
#define CONTENT_TYPE "application/octet-stream"

/* Runs in GDBus' own thread, for each message in order. */
static GDBusMessage *on_message(GDBusConnection *bus, GDBusMessage *message, gboolean incoming,
                                gpointer arg)
{
    (void)bus;
    if (incoming)
        index_observe(arg, message);
    return message;
}

static void on_filter_gone(gpointer arg)
{
    index_free(arg);
}

static struct bus_call bus_question(const char *method, GVariant *arguments, const char *type)
{
    return (struct bus_call){.to = BUS_NAME,
                             .path = BUS_PATH,
                             .interface = BUS_NAME,
                             .method = method,
                             .arguments = arguments,
                             .type = type};
}

/* The unique name of the running service; NULL with `error` set, or without one if none runs. */
static char *find_owner(GDBusConnection *bus, int64_t deadline, GError **error)
{
    struct bus_call call = bus_question("GetNameOwner", g_variant_new("(s)", SERVICE_NAME), "(s)");
    char *owner = NULL;

    bus_run(bus, &call, 1, deadline);
    if (call.reply != NULL)
        g_variant_get(call.reply, "(s)", &owner);
    else if (!g_error_matches(call.error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER))
        g_propagate_error(error, g_steal_pointer(&call.error));
    bus_calls_clear(&call, 1);
    return owner;
}

static bool start_service(GDBusConnection *bus, int64_t deadline, GError **error)
{
    struct bus_call call =
        bus_question("StartServiceByName", g_variant_new("(su)", SERVICE_NAME, 0), "(u)");
    bool started;

    bus_run(bus, &call, 1, deadline);
    started = call.reply != NULL;
    if (!started)
        g_propagate_error(error, g_steal_pointer(&call.error));
    bus_calls_clear(&call, 1);
    return started;
}

/* Finds the service, and starts it if necessary. */
static bool open_owner(struct link *link, int64_t deadline, enum link_step *step, GError **error)
{
    GError *failed = NULL;

    *step = LINK_OWNER;
    link->owner = find_owner(link->bus, deadline, &failed);
    if (link->owner == NULL && failed == NULL) {
        *step = LINK_START;
        if (start_service(link->bus, deadline, &failed))
            link->owner = find_owner(link->bus, deadline, &failed);
    }
    if (link->owner == NULL && failed == NULL)
        g_set_error_literal(&failed, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN,
                            "the service was started and has ended");
    if (failed != NULL)
        g_propagate_error(error, failed);
    return link->owner != NULL;
}

/*
 * libsecret's service object, only for the session's key. libsecret itself would use the
 * process-wide connection, watch the bus and load collections, all without a deadline; this
 * subclass is constructed like any GDBusProxy instead, with the properties from open_session.
 */
typedef SecretService SessionService;
typedef SecretServiceClass SessionServiceClass;
static GType session_service_get_type(void);
G_DEFINE_TYPE(SessionService, session_service, SECRET_TYPE_SERVICE)

static GObject *session_service_construct(GType type, guint count,
                                          GObjectConstructParam *properties)
{
    GObjectClass *proxy = g_type_class_peek_static(G_TYPE_DBUS_PROXY);

    return proxy->constructor(type, count, properties);
}

static void session_service_class_init(SessionServiceClass *class)
{
    G_OBJECT_CLASS(class)->constructor = session_service_construct;
}

static void session_service_init(SessionService *service)
{
    (void)service;
}

static bool open_session(struct link *link, int64_t deadline, GError **error)
{
    GDBusProxyFlags flags = G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES |
                            G_DBUS_PROXY_FLAGS_DO_NOT_CONNECT_SIGNALS |
                            G_DBUS_PROXY_FLAGS_DO_NOT_AUTO_START;

    link->session = g_initable_new(
        session_service_get_type(), NULL, error, "g-flags", flags, "g-connection", link->bus,
        "g-name", link->owner, "g-object-path", SERVICE_PATH, "g-interface-name", SERVICE_INTERFACE,
        "g-default-timeout", bus_left_ms(deadline), "flags", SECRET_SERVICE_NONE, NULL);
    return link->session != NULL && secret_service_ensure_session_sync(link->session, NULL, error);
}

struct link *link_open(int64_t deadline, enum link_step *step, GError **error)
{
    char *address = bus_address();
    struct link *link;

    *step = LINK_ADDRESS;
    if (address == NULL)
        return NULL;
    link = g_new0(struct link, 1);
    atomic_init(&link->references, 1);
    *step = LINK_CONNECT;
    link->bus = bus_connect(address, deadline, error);
    g_free(address);
    if (link->bus != NULL) {
        link->index = index_new();
        link->filter =
            g_dbus_connection_add_filter(link->bus, on_message, link->index, on_filter_gone);
        if (open_owner(link, deadline, step, error)) {
            *step = LINK_SESSION;
            if (open_session(link, deadline, error))
                return link;
        }
    }
    link_unref(link);
    return NULL;
}

struct link *link_ref(struct link *link)
{
    atomic_fetch_add(&link->references, 1);
    return link;
}

void link_unref(struct link *link)
{
    if (link == NULL || atomic_fetch_sub(&link->references, 1) != 1)
        return;
    g_clear_object(&link->session);
    if (link->filter != 0)
        g_dbus_connection_remove_filter(link->bus, link->filter);
    bus_disconnect(link->bus);
    g_free(link->owner);
    g_free(link);
}

bool link_is_closed(const struct link *link)
{
    return g_dbus_connection_is_closed(link->bus);
}

struct bus_call link_call(const struct link *link, const char *path, const char *interface,
                          const char *method, GVariant *arguments, const char *type)
{
    return (struct bus_call){.to = link->owner,
                             .path = path,
                             .interface = interface,
                             .method = method,
                             .arguments = arguments,
                             .type = type};
}

struct bus_call link_get(const struct link *link, const char *path, const char *interface,
                         const char *name)
{
    if (name == NULL)
        return link_call(link, path, BUS_PROPERTIES, "GetAll", g_variant_new("(s)", interface),
                         "(a{sv})");
    return link_call(link, path, BUS_PROPERTIES, "Get", g_variant_new("(ss)", interface, name),
                     "(v)");
}

GVariant *link_encode(const struct link *link, const struct store_secret *value)
{
    SecretValue *copy =
        secret_value_new((const char *)value->data, (gssize)value->len, CONTENT_TYPE);
    GVariant *encoded = secret_service_encode_dbus_secret(link->session, copy);

    secret_value_unref(copy);
    return encoded;
}

enum store_err link_decode(const struct link *link, GVariant *secret, struct store_secret *out)
{
    SecretValue *value = secret_service_decode_dbus_secret(link->session, secret);
    enum store_err err = STORE_CORRUPT;
    const char *data;
    gsize len = 0;

    if (value == NULL)
        return STORE_CORRUPT;
    data = secret_value_get(value, &len);
    if (len > 0)
        err = store_secret_set(out, data, len);
    secret_value_unref(value);
    return err;
}
