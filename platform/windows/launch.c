/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "platform/windows/api.h"
#include "platform/windows/pipe.h"
#include "platform/windows/start.h"
#include "store/secret.h"

/* What is needed for a start. */
struct needs {
    HANDLE control; /* the store process's end */
    HANDLE nothing;
    HANDLE group;
    wchar_t *program;
    wchar_t *line;
    wchar_t *environment;
    size_t environment_size;
};

static bool needs_make(struct needs *needs, const struct platform_start *start)
{
    needs->program = windows_path_at(AT_FDCWD, start->program);
    needs->line = windows_line(start->arguments);
    needs->environment = windows_block(start->environment, &needs->environment_size);
    if (needs->program == NULL || needs->line == NULL || needs->environment == NULL)
        return false;
    needs->nothing = CreateFileW(L"NUL", GENERIC_READ | GENERIC_WRITE,
                                 FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
    if (needs->nothing == INVALID_HANDLE_VALUE) {
        needs->nothing = NULL;
        return windows_failed() == 0;
    }
    needs->group = windows_group(0);
    return needs->group != NULL;
}

static void needs_free(struct needs *needs)
{
    const HANDLE handles[] = {needs->control, needs->nothing, needs->group};

    for (size_t i = 0; i < sizeof handles / sizeof handles[0]; i++)
        if (handles[i] != NULL)
            CloseHandle(handles[i]);
    if (needs->environment != NULL)
        store_wipe(needs->environment, needs->environment_size);
    free(needs->environment);
    free(needs->program);
    free(needs->line);
}

/* 0 or an errno. A console's handle may not be for others: then there is no log. */
static int start_with(const struct needs *needs, bool logs, HANDLE *process)
{
    HANDLE errors = logs ? GetStdHandle(STD_ERROR_HANDLE) : needs->nothing;
    wchar_t folder[MAX_PATH + 1] = L"";
    struct windows_program program = {.path = needs->program,
                                      .line = needs->line,
                                      .variables = needs->environment,
                                      .folder = folder,
                                      .standard = {needs->control, needs->nothing, errors},
                                      .group = needs->group,
                                      .flags = CREATE_NO_WINDOW};

    if (GetSystemDirectoryW(folder, MAX_PATH) == 0) {
        (void)windows_failed();
        return errno;
    }
    return windows_start(&program, process);
}

int platform_launch(const struct platform_start *start, struct launched *out)
{
    struct needs needs = {0};
    HANDLE process;
    HANDLE ends[2];
    int error;

    *out = LAUNCHED_NONE;
    if (!windows_pipe_pair(ends))
        return errno;
    needs.control = ends[1];
    error = needs_make(&needs, start) ? start_with(&needs, start->logs, &process) : errno;
    if (error == 0) {
        out->control = (struct channel){HandleToLong(ends[0]), HandleToLong(process)};
        out->group = HandleToLong(needs.group);
        needs.group = NULL;
    } else {
        CloseHandle(ends[0]);
    }
    needs_free(&needs);
    return error;
}

void platform_launch_end(struct launched *launched, bool kill)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION none = {0};
    HANDLE group = LongToHandle(launched->group);

    if (launched->group >= 0) {
        if (kill)
            (void)TerminateJobObject(group, EXIT_FAILURE);
        else /* it closes its stores, and then ends by itself */
            (void)SetInformationJobObject(group, JobObjectExtendedLimitInformation, &none,
                                          sizeof none);
        CloseHandle(group);
    }
    launched->group = -1;
    channel_close(&launched->control);
}

/* The number of the handle in the process that gets it; the end goes there in any case. */
static int give(HANDLE process, HANDLE end, int32_t *number)
{
    HANDLE theirs = NULL;
    int error = 0;

    if (!DuplicateHandle(GetCurrentProcess(), end, process, &theirs, 0, FALSE,
                         DUPLICATE_SAME_ACCESS)) {
        (void)windows_failed();
        error = errno;
    }
    CloseHandle(end);
    *number = HandleToLong(theirs);
    return error;
}

int platform_launch_connect(const struct launched *launched, int ends[2], struct channel *out)
{
    HANDLE self = GetCurrentProcess();
    HANDLE process = LongToHandle(launched->control.process);
    HANDLE watched;
    int32_t number;
    int error = give(process, LongToHandle(ends[1]), &number);

    ends[1] = -1;
    *out = (struct channel){ends[0], -1};
    if (DuplicateHandle(self, process, self, &watched, 0, FALSE, DUPLICATE_SAME_ACCESS))
        out->process = HandleToLong(watched);
    else
        error = ENOMEM;
    /* no time at all: it takes what there is room for */
    if (error == 0 && channel_send_bytes(&launched->control, &number, sizeof number, 0) != STORE_OK)
        error = EAGAIN;
    if (error == 0 || WaitForSingleObject(process, 0) == WAIT_OBJECT_0)
        return 0;
    channel_close(out);
    return error;
}

bool platform_launched(char *const *arguments, struct channel *control)
{
    HANDLE self = GetCurrentProcess();
    HANDLE given = GetStdHandle(STD_INPUT_HANDLE);
    HANDLE own;
    int nothing;
    ULONG server;

    (void)arguments;
    *control = (struct channel){-1, -1};
    if (!GetNamedPipeServerProcessId(given, &server) || server == GetCurrentProcessId() ||
        !DuplicateHandle(self, given, self, &own, 0, FALSE, DUPLICATE_SAME_ACCESS))
        return false;
    nothing = open("NUL", O_RDONLY | O_CLOEXEC);
    if (nothing >= 0 && _dup2(nothing, STDIN_FILENO) == 0) /* which closes what was there */
        (void)SetStdHandle(STD_INPUT_HANDLE, (HANDLE)_get_osfhandle(STDIN_FILENO));
    if (nothing >= 0)
        close(nothing);
    control->fd = HandleToLong(own);
    return true;
}

int platform_launched_accept(const struct channel *control)
{
    int32_t number;

    if (channel_receive_bytes(control, &number, sizeof number, CHANNEL_FOREVER) != STORE_OK)
        return -1;
    return GetFileType(LongToHandle(number)) == FILE_TYPE_PIPE ? number : -1;
}
