/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_WINDOWS_DOUBLE_INCLUDE_BCRYPT_H
#define TESTS_WINDOWS_DOUBLE_INCLUDE_BCRYPT_H

#include <windows.h>

/* Random bytes; see windows.h. */

#define BCRYPT_USE_SYSTEM_PREFERRED_RNG 2u

LONG BCryptGenRandom(void *algorithm, BYTE *out, DWORD len, DWORD flags);

#endif
