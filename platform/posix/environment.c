/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/system.h"

#include <string.h>

const char *const platform_env_everywhere[] = {"HOME", "TZ", NULL};

bool platform_env_same(const char *name, const char *other, size_t len)
{
    return strncmp(name, other, len) == 0;
}
