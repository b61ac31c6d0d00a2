/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/platform.h"

#include <stdio.h>

const char *platform_backend(char *why, size_t size)
{
    snprintf(why, size, "this is macOS");
    return "data-protection-keychain";
}
