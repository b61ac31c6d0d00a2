/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_SECRET_SERVICE_BUS_H
#define BACKENDS_SECRET_SERVICE_BUS_H

#include <gio/gio.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * D-Bus with deadlines (D-Bus specification, "Message Bus Specification"). A deadline is a
 * store_time_monotonic() time. Any thread may call any of these at any time; each runs a main
 * context of its own, so nothing here needs a main loop.
 */

#define BUS_NAME "org.freedesktop.DBus"
#define BUS_PATH "/org/freedesktop/DBus"
#define BUS_PROPERTIES "org.freedesktop.DBus.Properties"

/* Milliseconds until `deadline`: at least 1, so that a call is never without a limit. */
int bus_left_ms(int64_t deadline);

/* The session bus's address from the environment, without starting anything: the variable
 * DBUS_SESSION_BUS_ADDRESS, else the socket `bus` in XDG_RUNTIME_DIR if it is this user's. NULL if
 * there is none; else the caller g_free's it. */
char *bus_address(void);

/* Connects and says hello; NULL with `error` set (G_IO_ERROR_TIMED_OUT at the deadline). The caller
 * gives it to bus_disconnect. */
GDBusConnection *bus_connect(const char *address, int64_t deadline, GError **error);

/* Closes it, waiting half a second at most. Accepts NULL. */
void bus_disconnect(GDBusConnection *bus);

/* One method call. `type` is that of the reply's arguments. After the call exactly one of `reply`
 * and `error` is set; bus_calls_clear frees them. */
struct bus_call {
    const char *to;
    const char *path;
    const char *interface;
    const char *method;
    GVariant *arguments; /* floating, or NULL for none; the call takes them over */
    const char *type;
    GVariant *reply;
    GError *error;
};

/* Sends all calls at once and waits until each is answered, has failed or has met the deadline. */
void bus_run(GDBusConnection *bus, struct bus_call *calls, size_t count, int64_t deadline);

/* Frees replies and errors. Idempotent. */
void bus_calls_clear(struct bus_call *calls, size_t count);

/* Sends a call without waiting for its answer. `arguments` as above. */
void bus_send(GDBusConnection *bus, const char *to, const char *path, const char *interface,
              const char *method, GVariant *arguments);

/* The description of a signal to wait for. */
struct bus_wait {
    const char *from;
    const char *path; /* NULL: any */
    const char *interface;
    const char *signal;
    const char *first; /* the required first argument, a string; NULL: any */
    const char *gone;  /* the bus name that must not disappear meanwhile; NULL: none */
};

/* Listens for the signal of `wait`, then makes `call`, so that no signal is missed, and, if the
 * call succeeds and `needed` (NULL: always) returns true for its reply, waits. Returns the signal's
 * arguments, for the caller to unreference. NULL: the signal did not come, and `error` says why, or
 * `call->error` is set, or `needed` was false. */
GVariant *bus_call_and_wait(GDBusConnection *bus, struct bus_call *call,
                            const struct bus_wait *wait, bool (*needed)(GVariant *reply),
                            int64_t deadline, GError **error);

#endif
