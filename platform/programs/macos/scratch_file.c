/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/programs/memory_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "platform/system.h"
#include "store/descriptor.h"

/* A new file in the user's folder for such, which is removed at once. */
int platform_scratch_file(void)
{
    const char *folder = platform_env("TMPDIR");
    char path[1024];
    int fd;

    if (snprintf(path, sizeof path, "%s/sideseat-pkcs11.XXXXXX",
                 folder == NULL ? "/tmp" : folder) >= (int)sizeof path)
        return -1;
    fd = store_fd_high(mkostemp(path, O_CLOEXEC));
    if (fd >= 0)
        (void)unlink(path);
    return fd;
}
