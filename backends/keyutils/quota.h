/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_KEYUTILS_QUOTA_H
#define BACKENDS_KEYUTILS_QUOTA_H

#include <stddef.h>

/* Writes the used part of this user's quota, as "150 of 200 keys and 19000 of 20000 bytes"
 * (/proc/key-users, keyrings(7)). */
void quota_describe(char *out, size_t size);

#endif
