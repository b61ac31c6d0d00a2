/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <windows.h>
#include <bcrypt.h>

/* The library that Wine 8 lacks and the runtimes of Go and Rust need: random numbers, as
 * Microsoft's page on ProcessPrng has them. */

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T len);

BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T len)
{
    return len <= ULONG_MAX &&
           BCryptGenRandom(NULL, data, (ULONG)len, BCRYPT_USE_SYSTEM_PREFERRED_RNG) == 0;
}
