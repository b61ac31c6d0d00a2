/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/program.h"

#include <libproc.h>
#include <stdio.h>

void platform_program_of(pid_t pid, char *out, size_t size)
{
    char path[PROC_PIDPATHINFO_MAXSIZE] = "";

    if (proc_pidpath(pid, path, sizeof path) <= 0)
        (void)proc_name(pid, path, sizeof path); /* a process that may not be looked into */
    (void)snprintf(out, size, "%s", path);
}
