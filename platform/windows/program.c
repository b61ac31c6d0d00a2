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

const char platform_program_suffix[] = ".exe";

bool platform_program_self(char *out, size_t size)
{
    wchar_t path[1024];
    HMODULE self;
    char *narrow = NULL;
    DWORD len = 0;
    int used;

    if (GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS |
                               GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                           (const wchar_t *)(const void *)platform_program_suffix, &self))
        len = GetModuleFileNameW(self, path, 1024);
    if (len > 0 && len < 1024)
        narrow = windows_narrow(path);
    used = snprintf(out, size, "%s", narrow == NULL ? "" : narrow);
    free(narrow);
    return used > 0 && (size_t)used < size;
}
