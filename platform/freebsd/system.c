/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/system.h"

#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

extern char **environ;

const clockid_t platform_coarse_clock = CLOCK_MONOTONIC_FAST;
const char platform_log_socket[] = "/var/run/log";
const char *const platform_libcrypto[] = {"libcrypto.so.30", "libcrypto.so.35", NULL};
const char platform_data_folder[] = ".local/share";
const char platform_data_name[] = "sideseat";
const char *const platform_data_variable = "XDG_DATA_HOME";
const char platform_data_origin[] = "default, with XDG_DATA_HOME";

bool platform_privileged(void)
{
    return issetugid() != 0;
}

const char *platform_env(const char *name)
{
    return platform_privileged() ? NULL : getenv(name);
}

char **platform_environ(void)
{
    return environ;
}

ssize_t platform_random(void *bytes, size_t len, bool wait)
{
    return getrandom(bytes, len, wait ? 0 : GRND_NONBLOCK);
}
