/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/macos/missing.h"

#define __STDC_WANT_LIB_EXT1__ 1
#include <string.h>

void explicit_bzero(void *bytes, size_t len)
{
    (void)memset_s(bytes, len, 0, len);
}
