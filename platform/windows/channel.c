/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/channel.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "platform/system.h"
#include "platform/windows/api.h"
#include "platform/windows/pipe.h"
#include "platform/windows/rights.h"
#include "store/time.h"

#define BUFFER_SIZE 65536
#define CHUNK_MAX ((size_t)1024 * 1024)

/* Waits for an operation that has begun, and cancels one that does not end by itself. */
static enum store_err finish(const struct channel *channel, OVERLAPPED *operation, int64_t deadline,
                             DWORD *done)
{
    HANDLE pipe = LongToHandle(channel->fd);
    const HANDLE ends[] = {operation->hEvent, LongToHandle(channel->process)};
    const DWORD count = channel->process < 0 ? 1 : 2;
    DWORD wait_ms = INFINITE;
    DWORD first;

    if (deadline != CHANNEL_FOREVER) {
        int64_t left = deadline - store_time_monotonic();
        left = left <= 0 ? 0 : (left + STORE_TIME_MS - 1) / STORE_TIME_MS;
        wait_ms = left >= INFINITE ? INFINITE - 1 : (DWORD)left;
    }
    first = WaitForMultipleObjects(count, ends, FALSE, wait_ms);
    if (first != WAIT_OBJECT_0)
        (void)CancelIoEx(pipe, operation);
    if (GetOverlappedResult(pipe, operation, done, TRUE)) /* perhaps in spite of that */
        return STORE_OK;
    return first == WAIT_TIMEOUT ? STORE_TIMEOUT : STORE_UNAVAILABLE;
}

/* Reads or writes some bytes. A read of 0 bytes ends as soon as a byte can be read. */
static enum store_err transfer(const struct channel *channel, void *in, const void *out, size_t len,
                               int64_t deadline, DWORD *done)
{
    HANDLE pipe = LongToHandle(channel->fd);
    OVERLAPPED operation = {.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL)};
    DWORD size = (DWORD)(len < CHUNK_MAX ? len : CHUNK_MAX);
    enum store_err err = STORE_UNAVAILABLE;
    BOOL begun;

    *done = 0;
    if (operation.hEvent == NULL)
        return err;
    begun = out == NULL ? ReadFile(pipe, in, size, NULL, &operation)
                        : WriteFile(pipe, out, size, NULL, &operation);
    if (begun || GetLastError() == ERROR_IO_PENDING)
        err = finish(channel, &operation, deadline, done);
    CloseHandle(operation.hEvent);
    return err;
}

enum store_err channel_send_bytes(const struct channel *channel, const void *bytes, size_t len,
                                  int64_t deadline)
{
    const unsigned char *at = bytes;
    DWORD done;

    while (len > 0) {
        TRY(transfer(channel, NULL, at, len, deadline, &done));
        at += done;
        len -= done;
    }
    return STORE_OK;
}

enum store_err channel_receive_bytes(const struct channel *channel, void *bytes, size_t len,
                                     int64_t deadline)
{
    unsigned char *at = bytes;
    DWORD done;

    while (len > 0) {
        TRY(transfer(channel, at, NULL, len, deadline, &done));
        if (done == 0)
            return STORE_UNAVAILABLE; /* somebody writes nothings */
        at += done;
        len -= done;
    }
    return STORE_OK;
}

enum store_err channel_wait(const struct channel *channel, int64_t deadline)
{
    char none;
    DWORD done;

    if (deadline != CHANNEL_FOREVER && store_time_monotonic() >= deadline)
        return STORE_TIMEOUT;
    return transfer(channel, &none, NULL, 0, deadline, &done);
}

void channel_close(struct channel *channel)
{
    int saved = errno;

    if (channel->fd >= 0)
        CloseHandle(LongToHandle(channel->fd));
    if (channel->process >= 0)
        CloseHandle(LongToHandle(channel->process));
    *channel = (struct channel){-1, -1};
    errno = saved;
}

bool channel_is_dead(const struct channel *channel)
{
    DWORD waiting = 0;

    if (!PeekNamedPipe(LongToHandle(channel->fd), NULL, 0, NULL, &waiting, NULL) || waiting > 0)
        return true;
    return channel->process >= 0 &&
           WaitForSingleObject(LongToHandle(channel->process), 0) == WAIT_OBJECT_0;
}

/* Windows has no shared store process yet. */
const size_t channel_path_max = MAX_PATH;

int channel_connect(const char *path, struct channel *out)
{
    (void)path;
    *out = (struct channel){-1, -1};
    return ENOSYS;
}

/* The process that made the pipe. The pipe's access list admits this user alone, so that is the
 * user. */
bool channel_peer(const struct channel *channel, pid_t *pid, uid_t *user)
{
    ULONG server;

    if (!GetNamedPipeServerProcessId(LongToHandle(channel->fd), &server))
        return false;
    *pid = (pid_t)server;
    *user = geteuid();
    return true;
}

/* Makes the server's end of a pipe with a name that nobody has used, for this user alone. */
static HANDLE server_end(wchar_t *name, size_t room)
{
    SECURITY_ATTRIBUTES rights = {.nLength = sizeof rights};
    HANDLE pipe = INVALID_HANDLE_VALUE;
    uint64_t number[2];

    if (platform_random(number, sizeof number, true) != sizeof number)
        return pipe;
    (void)swprintf(name, room, L"\\\\.\\pipe\\sideseat-%016llx%016llx", number[0], number[1]);
    rights.lpSecurityDescriptor = windows_rights_new(0600, false);
    if (rights.lpSecurityDescriptor == NULL)
        return pipe;
    pipe = CreateNamedPipeW(
        name, PIPE_ACCESS_DUPLEX | FILE_FLAG_FIRST_PIPE_INSTANCE | FILE_FLAG_OVERLAPPED,
        PIPE_TYPE_BYTE | PIPE_REJECT_REMOTE_CLIENTS, 1, BUFFER_SIZE, BUFFER_SIZE, 0, &rights);
    if (pipe == INVALID_HANDLE_VALUE)
        (void)windows_failed();
    LocalFree(rights.lpSecurityDescriptor);
    return pipe;
}

bool windows_pipe_pair(HANDLE ends[2])
{
    wchar_t name[64];

    ends[0] = server_end(name, sizeof name / sizeof name[0]);
    if (ends[0] == INVALID_HANDLE_VALUE)
        return false;
    /* another program of this user that is quicker makes this fail: there is one client */
    ends[1] = CreateFileW(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING,
                          FILE_FLAG_OVERLAPPED | SECURITY_SQOS_PRESENT | SECURITY_ANONYMOUS, NULL);
    if (ends[1] != INVALID_HANDLE_VALUE)
        return true;
    (void)windows_failed();
    CloseHandle(ends[0]);
    return false;
}

bool channel_pair(int ends[2])
{
    HANDLE handles[2];

    if (!windows_pipe_pair(handles))
        return false;
    ends[0] = HandleToLong(handles[0]);
    ends[1] = HandleToLong(handles[1]);
    return true;
}
