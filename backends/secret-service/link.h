/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_SECRET_SERVICE_LINK_H
#define BACKENDS_SECRET_SERVICE_LINK_H

#include <gio/gio.h>
#include <stdatomic.h>
#include <stdint.h>

#define SECRET_API_SUBJECT_TO_CHANGE 1
#include <libsecret/secret.h>

#include "backends/secret-service/bus.h"
#include "backends/secret-service/index.h"
#include "store/err.h"
#include "store/secret.h"

/*
 * A link: one connection to the session bus, the instance of the Secret Service that it speaks to,
 * and the session through which values pass. Calls go to that instance's unique name, so after a
 * restart of the service they fail (and change nothing) instead of reaching an instance that does
 * not know the session. Then the link is dropped and another one made.
 *
 * The session is the one of libsecret: Diffie-Hellman and AES where the service can, so that values
 * cross the bus encrypted (Secret Service API, "Transfer of Secrets").
 *
 * Threads: immutable after link_open but for the index, which locks itself.
 */
struct link {
    _Atomic unsigned references;
    GDBusConnection *bus;
    char *owner; /* the service's unique name */
    SecretService *session;
    unsigned filter;
    struct index *index; /* the filter's, which may outlive the link by a moment */
};

/* The step at which link_open failed, for the message. */
enum link_step {
    LINK_ADDRESS, /* there is no bus */
    LINK_CONNECT, /* the bus refuses us */
    LINK_OWNER,   /* the bus does not answer */
    LINK_START,   /* no service runs, and none can be started */
    LINK_SESSION, /* the service does not answer, or refuses a session */
};

/* Connects by `deadline`. NULL: `step` is the step that failed and `error` the reason (not set for
 * LINK_ADDRESS). The caller has the one reference. */
struct link *link_open(int64_t deadline, enum link_step *step, GError **error);

struct link *link_ref(struct link *link);
void link_unref(struct link *link); /* accepts NULL */

/* True if the bus has closed the connection. */
bool link_is_closed(const struct link *link);

/* Builds a call to the service, for bus_run. */
struct bus_call link_call(const struct link *link, const char *path, const char *interface,
                          const char *method, GVariant *arguments, const char *type);

/* Builds a call for a property of an object of the service; for all of them with `name` NULL. */
struct bus_call link_get(const struct link *link, const char *path, const char *interface,
                         const char *name);

/* Encrypts a value for the session; the result is floating. NULL if that failed. */
GVariant *link_encode(const struct link *link, const struct store_secret *value);

/* Decrypts a value from the service. CORRUPT if it is empty or cannot be decrypted, NO_MEMORY. */
enum store_err link_decode(const struct link *link, GVariant *secret,
                           struct store_secret *out) STORE_CHECKED;

#endif
