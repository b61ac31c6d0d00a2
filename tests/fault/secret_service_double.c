/* SPDX-License-Identifier: Apache-2.0 */
#include <gio/gio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/*
 * A Secret Service with the rare faults of real ones. It prints "ready" when it has its name, and
 * "dismissed" when a prompt is dismissed. usage: secret_service_double HABIT
 *
 *   silent   never answers
 *   deaf     agrees on a session and names its collection, and never answers a search
 *   denied   refuses every search
 *   approve  is locked; its prompt is answered with yes
 *   refuse   is locked; its prompt is dismissed by the user
 *   ignore   is locked; nobody answers its prompt
 *   asking   is unlocked and empty; creating an item ends in a prompt that nobody answers
 */
static const char *habit;
static gboolean locked;

#define COLLECTION "/org/freedesktop/secrets/collection/double"
#define PROMPT "/org/freedesktop/secrets/prompt/1"

static const char description[] =
    "<node><interface name='org.freedesktop.Secret.Service'>"
    "<method name='OpenSession'><arg type='s' direction='in'/><arg type='v' direction='in'/>"
    "<arg type='v' direction='out'/><arg type='o' direction='out'/></method>"
    "<method name='ReadAlias'><arg type='s' direction='in'/><arg type='o' "
    "direction='out'/></method>"
    "<method name='SearchItems'><arg type='a{ss}' direction='in'/><arg type='ao' direction='out'/>"
    "<arg type='ao' direction='out'/></method>"
    "<method name='Unlock'><arg type='ao' direction='in'/><arg type='ao' direction='out'/>"
    "<arg type='o' direction='out'/></method>"
    "</interface><interface name='org.freedesktop.Secret.Collection'>"
    "<method name='CreateItem'><arg type='a{sv}' direction='in'/>"
    "<arg type='(oayays)' direction='in'/><arg type='b' direction='in'/>"
    "<arg type='o' direction='out'/><arg type='o' direction='out'/></method>"
    "<property name='Locked' type='b' access='read'/>"
    "</interface><interface name='org.freedesktop.Secret.Prompt'>"
    "<method name='Prompt'><arg type='s' direction='in'/></method><method name='Dismiss'/>"
    "<signal name='Completed'><arg type='b'/><arg type='v'/></signal>"
    "</interface></node>";

static void say(const char *word)
{
    printf("%s\n", word);
    fflush(stdout);
}

static void complete(GDBusConnection *bus, gboolean dismissed)
{
    const char *paths[] = {COLLECTION};
    GVariant *result = g_variant_new_objv(paths, dismissed ? 0 : 1);

    g_dbus_connection_emit_signal(bus, NULL, PROMPT, "org.freedesktop.Secret.Prompt", "Completed",
                                  g_variant_new("(bv)", dismissed, result), NULL);
}

static void search(GDBusMethodInvocation *call)
{
    if (strcmp(habit, "denied") == 0)
        g_dbus_method_invocation_return_dbus_error(call, "org.freedesktop.DBus.Error.AccessDenied",
                                                   "not for you");
    else if (strcmp(habit, "deaf") != 0)
        g_dbus_method_invocation_return_value(call, g_variant_new_parsed("(@ao [], @ao [])"));
}

static void open_session(GDBusMethodInvocation *call, GVariant *arguments)
{
    const char *algorithm;

    g_variant_get(arguments, "(&sv)", &algorithm, NULL);
    if (strcmp(algorithm, "plain") != 0)
        g_dbus_method_invocation_return_dbus_error(call, "org.freedesktop.DBus.Error.NotSupported",
                                                   "only plain");
    else
        g_dbus_method_invocation_return_value(
            call, g_variant_new_parsed("(<''>, objectpath '/org/freedesktop/secrets/session/1')"));
}

static void prompt(GDBusConnection *bus, GDBusMethodInvocation *call)
{
    g_dbus_method_invocation_return_value(call, NULL);
    if (strcmp(habit, "approve") == 0)
        locked = FALSE;
    if (strcmp(habit, "approve") == 0 || strcmp(habit, "refuse") == 0)
        complete(bus, strcmp(habit, "refuse") == 0);
}

static void on_call(GDBusConnection *bus, const char *sender, const char *path,
                    const char *interface, const char *method, GVariant *arguments,
                    GDBusMethodInvocation *call, gpointer arg)
{
    (void)sender, (void)path, (void)interface, (void)arg;
    if (strcmp(method, "OpenSession") == 0) {
        open_session(call, arguments);
    } else if (strcmp(method, "ReadAlias") == 0) {
        g_dbus_method_invocation_return_value(call, g_variant_new("(o)", COLLECTION));
    } else if (strcmp(method, "SearchItems") == 0) {
        search(call);
    } else if (strcmp(method, "Unlock") == 0) {
        g_dbus_method_invocation_return_value(
            call, g_variant_new("(@aoo)", g_variant_new_objv(NULL, 0), PROMPT));
    } else if (strcmp(method, "CreateItem") == 0) {
        g_dbus_method_invocation_return_value(call, g_variant_new("(oo)", "/", PROMPT));
    } else if (strcmp(method, "Prompt") == 0) {
        prompt(bus, call);
    } else {
        say("dismissed");
        g_dbus_method_invocation_return_value(call, NULL);
    }
}

static GVariant *on_get(GDBusConnection *bus, const char *sender, const char *path,
                        const char *interface, const char *property, GError **error, gpointer arg)
{
    (void)bus, (void)sender, (void)path, (void)interface, (void)property, (void)error, (void)arg;
    return g_variant_new_boolean(locked);
}

static void on_bus(GDBusConnection *bus, const char *name, gpointer arg)
{
    static const GDBusInterfaceVTable table = {.method_call = on_call, .get_property = on_get};
    static const char *const paths[] = {"/org/freedesktop/secrets", COLLECTION, PROMPT};
    GDBusNodeInfo *node = g_dbus_node_info_new_for_xml(description, NULL);

    (void)name, (void)arg;
    for (unsigned i = 0; i < G_N_ELEMENTS(paths); i++)
        g_dbus_connection_register_object(bus, paths[i], node->interfaces[i], &table, NULL, NULL,
                                          NULL);
}

static void on_name(GDBusConnection *bus, const char *name, gpointer arg)
{
    (void)bus, (void)name, (void)arg;
    say("ready");
    if (strcmp(habit, "silent") == 0)
        pause(); /* which keeps the main loop from ever running again */
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 64;
    habit = argv[1];
    locked = strcmp(habit, "approve") == 0 || strcmp(habit, "refuse") == 0 ||
             strcmp(habit, "ignore") == 0;
    g_bus_own_name(G_BUS_TYPE_SESSION, "org.freedesktop.secrets", G_BUS_NAME_OWNER_FLAGS_NONE,
                   on_bus, on_name, NULL, NULL, NULL);
    g_main_loop_run(g_main_loop_new(NULL, FALSE));
    return 0;
}
