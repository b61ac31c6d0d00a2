/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_LIBCRYPTO_H
#define MODULE_LIBCRYPTO_H

#include <stdbool.h>
#include <stddef.h>

/* Maps OpenSSL's libcrypto, if it is not mapped yet, and finds `count` of its functions. It stays
 * mapped: its destructors belong to the process, and the host may use it, too. False, with a line
 * in the log, if the library or a function is missing. Any thread. */
bool libcrypto_find(const char *const *names, void **functions, size_t count);

#endif
