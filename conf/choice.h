/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONF_CHOICE_H
#define CONF_CHOICE_H

#include <stdbool.h>
#include <stddef.h>

/* The platform's choice of backend, by the one table in choice.c. Each system has a file of its own
 * with the struct (choice_*.c). */

struct choice_system {
    const char *name; /* as in the column `system` of the registry */
    /* True if a D-Bus session bus of this user accepts a connection; `why` gets the finding in
     * words. Sends no message, starts no service and never waits: connecting to a UNIX socket
     * succeeds or fails at once. NULL: this system has no such bus. */
    bool (*has_bus)(char *why, size_t size);
};

extern const struct choice_system choice_this_system;

/* The choice for a system, a static string; `why` gets the reason in words: "there is no D-Bus
 * session bus (…)". */
const char *choice_find(const struct choice_system *system, char *why, size_t size);

#endif
