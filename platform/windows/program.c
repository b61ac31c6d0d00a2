/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/program.h"

#include <stdio.h>
#include <stdlib.h>

#include "platform/windows/api.h"

void platform_program_of(pid_t pid, char *out, size_t size)
{
    HANDLE process = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, (DWORD)pid);
    wchar_t path[1024];
    DWORD len = 1024;
    char *narrow = NULL;

    if (process != NULL && QueryFullProcessImageNameW(process, 0, path, &len))
        narrow = windows_narrow(path);
    (void)snprintf(out, size, "%s", narrow == NULL ? "" : narrow);
    free(narrow);
    if (process != NULL)
        CloseHandle(process);
}
