/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONF_PLATFORM_H
#define CONF_PLATFORM_H

#include <stddef.h>

/* The platform's choice of backend; a static string. On Linux the Secret Service if a D-Bus session
 * bus of this user accepts a connection, else the file; on macOS (platform_macos.c) the Data
 * Protection Keychain, whose backend knows if this program may use it. Sends no message, starts no
 * service and never waits: connecting to a UNIX socket succeeds or fails at once. `why` gets the
 * reason in words: "there is no D-Bus session bus (…)". */
const char *platform_backend(char *why, size_t size);

#endif
