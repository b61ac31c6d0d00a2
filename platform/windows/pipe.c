/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/windows/pipe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/channel.h"
#include "platform/path.h"
#include "platform/system.h"
#include "platform/windows/rights.h"
#include "store/time.h"

#define BUFFER_SIZE 65536

const size_t channel_path_max = WINDOWS_PIPE_NAME_MAX;

DWORD windows_wait_ms(int64_t deadline)
{
    int64_t left = deadline - store_time_monotonic();

    if (deadline == CHANNEL_FOREVER)
        return INFINITE;
    left = left <= 0 ? 0 : (left + STORE_TIME_MS - 1) / STORE_TIME_MS;
    return left >= INFINITE ? INFINITE - 1 : (DWORD)left;
}

wchar_t *windows_pipe_name(const char *place)
{
    char name[WINDOWS_PIPE_NAME_MAX + 1];
    char *user;

    if (!platform_path_is_socket(place)) {
        errno = EINVAL;
        return NULL;
    }
    if (strcmp(place, PLATFORM_SOCKET_DEFAULT) != 0)
        return windows_wide(place);
    user = windows_rights_user();
    if (user == NULL)
        return NULL;
    (void)snprintf(name, sizeof name, "\\\\.\\pipe\\sideseat-store-%s", user);
    LocalFree(user);
    return windows_wide(name);
}

HANDLE windows_pipe_serve(const wchar_t *name, bool first, DWORD count)
{
    SECURITY_ATTRIBUTES rights = {.nLength = sizeof rights};
    const DWORD flags = first ? FILE_FLAG_FIRST_PIPE_INSTANCE : 0;
    HANDLE pipe;
    DWORD error;

    rights.lpSecurityDescriptor = windows_rights_new(0600, false);
    if (rights.lpSecurityDescriptor == NULL)
        return INVALID_HANDLE_VALUE;
    pipe = CreateNamedPipeW(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED | flags,
                            PIPE_TYPE_BYTE | PIPE_REJECT_REMOTE_CLIENTS, count, BUFFER_SIZE,
                            BUFFER_SIZE, 0, &rights);
    error = GetLastError();
    LocalFree(rights.lpSecurityDescriptor);
    if (pipe != INVALID_HANDLE_VALUE)
        return pipe;
    /* how Windows says that there is one */
    if (first && (error == ERROR_ACCESS_DENIED || error == ERROR_PIPE_BUSY))
        error = ERROR_ALREADY_EXISTS;
    SetLastError(error);
    (void)windows_failed();
    return INVALID_HANDLE_VALUE;
}

/* Opens a client's end; the server learns of this process what `level` says. */
static HANDLE open_end(const wchar_t *name, DWORD level)
{
    return CreateFileW(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING,
                       FILE_FLAG_OVERLAPPED | SECURITY_SQOS_PRESENT | level, NULL);
}

bool windows_pipe_pair(HANDLE ends[2])
{
    uint64_t number[2];
    wchar_t name[64];

    if (platform_random(number, sizeof number, true) != sizeof number)
        return false;
    (void)swprintf(name, sizeof name / sizeof name[0], L"\\\\.\\pipe\\sideseat-%016llx%016llx",
                   number[0], number[1]);
    ends[0] = windows_pipe_serve(name, true, 1);
    if (ends[0] == INVALID_HANDLE_VALUE)
        return false;
    /* another program of this user that is quicker makes this fail: there is one client */
    ends[1] = open_end(name, SECURITY_ANONYMOUS);
    if (ends[1] != INVALID_HANDLE_VALUE)
        return true;
    (void)windows_failed();
    CloseHandle(ends[0]);
    return false;
}

/* Opens an end once the server has one that is free. 0 or an errno. */
static int open_free(const wchar_t *name, int64_t deadline, HANDLE *out)
{
    for (;;) {
        DWORD wait_ms;

        *out = open_end(name, SECURITY_IDENTIFICATION);
        if (*out != INVALID_HANDLE_VALUE)
            return 0;
        if (GetLastError() != ERROR_PIPE_BUSY) {
            (void)windows_failed();
            return errno;
        }
        wait_ms = windows_wait_ms(deadline);
        if (wait_ms == 0) /* which would be another time for WaitNamedPipeW */
            return ETIMEDOUT;
        (void)WaitNamedPipeW(name,
                             wait_ms); /* what has changed meanwhile, the next attempt tells */
    }
}

int channel_connect(const char *place, int64_t deadline, struct channel *out)
{
    wchar_t *name = windows_pipe_name(place);
    int error = name == NULL ? errno : 0;
    HANDLE pipe;

    *out = (struct channel){-1, -1};
    if (error == 0)
        error = open_free(name, deadline, &pipe);
    if (error == 0)
        out->fd = HandleToLong(pipe);
    free(name);
    return error;
}

/* A client trusts the pipe's owner, whom only the maker of the pipe has chosen, rather than the
 * number of its process, which may be another's by now. A server's access list admits this user
 * alone; the user of the client's process is looked at as well. */
bool channel_peer(const struct channel *channel, pid_t *pid, uid_t *user)
{
    HANDLE pipe = LongToHandle(channel->fd);
    DWORD kind;
    ULONG peer;

    if (!GetNamedPipeInfo(pipe, &kind, NULL, NULL, NULL))
        return false;
    if ((kind & PIPE_SERVER_END) != 0 ? !GetNamedPipeClientProcessId(pipe, &peer)
                                      : !GetNamedPipeServerProcessId(pipe, &peer))
        return false;
    *pid = (pid_t)peer;
    return (kind & PIPE_SERVER_END) != 0 ? windows_rights_process(peer, user)
                                         : windows_rights_owner(pipe, user);
}
