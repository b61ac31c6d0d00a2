/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/system.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/windows/api.h"

#include <bcrypt.h>
#include <userenv.h>

#define RANDOM_STEP ((size_t)1024 * 1024)

const clockid_t platform_coarse_clock = CLOCK_MONOTONIC;
#ifdef _M_ARM64
const char *const platform_libcrypto[] = {"libcrypto-3-arm64.dll", "libcrypto-3.dll", NULL};
#else /* OpenSSL's own name, and that of Python */
const char *const platform_libcrypto[] = {"libcrypto-3-x64.dll", "libcrypto-3.dll", NULL};
#endif
const char *const platform_data_variable = "APPDATA";
const char platform_data_folder[] = "AppData/Roaming";
const char platform_data_name[] = "sideseat/data";
const char platform_data_origin[] = "default, with APPDATA";

/* Windows gives a program no more rights than its caller has. */
bool platform_privileged(void)
{
    return false;
}

bool platform_home(char *out, size_t size)
{
    HANDLE token;
    wchar_t folder[MAX_PATH + 1];
    DWORD len = MAX_PATH + 1;
    char *narrow = NULL;
    int used = -1;

    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
        return false;
    if (GetUserProfileDirectoryW(token, folder, &len))
        narrow = windows_narrow(folder);
    if (narrow != NULL)
        used = snprintf(out, size, "%s", narrow);
    free(narrow);
    CloseHandle(token);
    return used > 0 && (size_t)used < size;
}

/* There only administrators may write, as everybody may in ProgramData. */
const char *platform_system_file(char *out, size_t size)
{
    const char *programs = platform_env("ProgramFiles");

    (void)snprintf(out, size, "%s/sideseat/sideseat.json",
                   programs == NULL ? "C:/Program Files" : programs);
    return out;
}

ssize_t platform_random(void *bytes, size_t len, bool wait)
{
    (void)wait;
    if (len > RANDOM_STEP)
        len = RANDOM_STEP;
    if (BCryptGenRandom(NULL, bytes, (ULONG)len, BCRYPT_USE_SYSTEM_PREFERRED_RNG) == 0)
        return (ssize_t)len;
    errno = EIO;
    return -1;
}
