/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/channel.h"

#include <errno.h>

#include "platform/windows/api.h"
#include "platform/windows/pipe.h"
#include "store/time.h"

#define CHUNK_MAX ((size_t)1024 * 1024)

/* Waits for an operation that has begun, and cancels one that does not end by itself. */
static enum store_err finish(const struct channel *channel, OVERLAPPED *operation, int64_t deadline,
                             DWORD *done)
{
    HANDLE pipe = LongToHandle(channel->fd);
    const HANDLE ends[] = {operation->hEvent, LongToHandle(channel->process)};
    const DWORD count = channel->process < 0 ? 1 : 2;
    DWORD first = WaitForMultipleObjects(count, ends, FALSE, windows_wait_ms(deadline));

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

bool channel_is_readable(const struct channel *channel)
{
    DWORD waiting = 0;

    if (!PeekNamedPipe(LongToHandle(channel->fd), NULL, 0, NULL, &waiting, NULL) || waiting > 0)
        return true;
    return channel->process >= 0 &&
           WaitForSingleObject(LongToHandle(channel->process), 0) == WAIT_OBJECT_0;
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
