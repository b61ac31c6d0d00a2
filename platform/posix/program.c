/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/program.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char platform_program_suffix[] = "";

bool platform_program_self(char *out, size_t size)
{
    Dl_info self;
    char *path;
    int len;

    /* a relative path is as the host has given it, perhaps in another folder */
    if (dladdr(platform_program_suffix, &self) == 0 || self.dli_fname[0] != '/')
        return false;
    path = realpath(self.dli_fname, NULL);
    len = snprintf(out, size, "%s", path == NULL ? "" : path);
    free(path);
    return len > 0 && (size_t)len < size;
}
