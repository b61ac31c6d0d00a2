/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-store/process.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "platform/windows/api.h"
#include "store/descriptor.h"

/* Libraries come from the system's folder alone, and a crash ends the process without a window that
 * somebody has to close. The folder that the host is in stays free. */
void process_protect(void)
{
    wchar_t folder[MAX_PATH + 1];

    (void)SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_SYSTEM32);
    (void)SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX);
    if (GetSystemDirectoryW(folder, MAX_PATH) == 0 || !SetCurrentDirectoryW(folder))
        fputs("sideseat-store: cannot go to the system's folder\n", stderr);
}

void process_drop_log(void)
{
    int nowhere = store_fd_high(open("NUL", O_WRONLY | O_CLOEXEC));

    if (nowhere >= 0)
        (void)dup2(nowhere, STDERR_FILENO);
}

static VOID CALLBACK end(PVOID none, BOOLEAN fired)
{
    (void)none;
    (void)fired;
    (void)TerminateProcess(GetCurrentProcess(), EXIT_SUCCESS);
}

void process_end_within(unsigned seconds)
{
    HANDLE timer;

    if (!CreateTimerQueueTimer(&timer, NULL, end, NULL, seconds * 1000, 0, WT_EXECUTEONLYONCE))
        end(NULL, TRUE);
}
