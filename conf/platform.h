/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONF_PLATFORM_H
#define CONF_PLATFORM_H

#include <stddef.h>

/* The backend that the platform chooses when nothing names one; static. On Linux the Secret
 * Service if a D-Bus session bus of this user's takes a connection, which is all that is tried: no
 * message, no service started, and no waiting (connecting to a UNIX socket either succeeds or fails
 * at once). Else the file. `why` gets the reason in words: "there is no D-Bus session bus (…)". */
const char *platform_backend(char *why, size_t size);

#endif
