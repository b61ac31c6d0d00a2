/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/system.h"

#define TRIES 100

int mkostemp(char *path, int flags)
{
    char *end = path + strlen(path) - 6;
    unsigned char bytes[3];

    for (int i = 0; i < TRIES; i++) {
        int fd;

        if (platform_random(bytes, sizeof bytes, true) != (ssize_t)sizeof bytes)
            return -1;
        (void)snprintf(end, 7, "%02x%02x%02x", bytes[0], bytes[1], bytes[2]);
        fd = open(path, O_RDWR | O_CREAT | O_EXCL | flags, 0600);
        if (fd >= 0 || errno != EEXIST)
            return fd;
    }
    return -1;
}
