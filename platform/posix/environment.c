/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "platform/system.h"

const char *const platform_env_everywhere[] = {"HOME", "TZ", NULL};

int platform_env_compare(const char *a, const char *b, size_t len)
{
    return strncmp(a, b, len);
}
