/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/system.h"

#include <crt_externs.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

const clockid_t platform_coarse_clock = CLOCK_MONOTONIC; /* the faster ones count differently */
const char platform_log_socket[] = "/var/run/syslog";
/* Homebrew's on arm64 and on x86-64, and MacPorts'. macOS's own library aborts the program. */
const char *const platform_libcrypto[] = {
    "/opt/homebrew/opt/openssl@3/lib/libcrypto.3.dylib",
    "/usr/local/opt/openssl@3/lib/libcrypto.3.dylib",
    "/opt/local/libexec/openssl3/lib/libcrypto.3.dylib",
    "libcrypto.3.dylib",
    NULL,
};
const char platform_data_folder[] = "Library/Application Support";
const char platform_data_name[] = "sideseat";
const char *const platform_data_variable = NULL;
const char platform_data_origin[] = "";

bool platform_privileged(void)
{
    return issetugid() != 0;
}

const char *platform_env(const char *name)
{
    return platform_privileged() ? NULL : getenv(name);
}

/* A library cannot name `environ` itself. */
char **platform_environ(void)
{
    return *_NSGetEnviron();
}

/* It never has to wait: the kernel's generator is ready before the first program is. */
ssize_t platform_random(void *bytes, size_t len, bool wait)
{
    size_t most = len < 256 ? len : 256;

    (void)wait;
    return getentropy(bytes, most) == 0 ? (ssize_t)most : -1;
}
