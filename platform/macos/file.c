/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/file.h"

#include <stdio.h>
#include <sys/stdio.h>

int platform_rename_new(int folder, const char *from, const char *to)
{
    return renameatx_np(folder, from, folder, to, RENAME_EXCL);
}
