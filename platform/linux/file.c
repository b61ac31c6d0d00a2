/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/file.h"

#include <linux/fs.h>
#include <sys/syscall.h>
#include <unistd.h>

/* musl (1.2.3) has no function for it */
int platform_rename_new(int folder, const char *from, const char *to)
{
    return (int)syscall(SYS_renameat2, folder, from, folder, to, RENAME_NOREPLACE);
}
