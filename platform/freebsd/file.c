/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/file.h"

#include <errno.h>

int platform_rename_new(int folder, const char *from, const char *to)
{
    (void)folder;
    (void)from;
    (void)to;
    errno = ENOSYS;
    return -1;
}
