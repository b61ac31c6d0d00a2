/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/system.h"

#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

bool platform_home(char *out, size_t size)
{
    struct passwd account;
    struct passwd *found = NULL;
    char buffer[4096];
    int len = -1;

    if (getpwuid_r(geteuid(), &account, buffer, sizeof buffer, &found) == 0 && found != NULL)
        len = snprintf(out, size, "%s", found->pw_dir);
    return len > 0 && (size_t)len < size;
}

const char *platform_system_file(char *out, size_t size)
{
    (void)snprintf(out, size, "/etc/sideseat/sideseat.json");
    return out;
}
