/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/lock.h"

#include <errno.h>

#include "platform/windows/api.h"

const bool platform_lock_has_bytes = true;

/* Windows keeps other programs from reading a locked byte, so ours are past the end of any file. */
#define BASE_HIGH 0x40000000

static OVERLAPPED place_of(off_t byte)
{
    return (OVERLAPPED){.Offset = (DWORD)byte, .OffsetHigh = BASE_HIGH};
}

static int try(int fd, off_t first, DWORD count, DWORD flags)
{
    OVERLAPPED place = place_of(first);
    HANDLE handle = windows_handle(fd);

    if (handle == NULL)
        return errno;
    if (LockFileEx(handle, flags | LOCKFILE_FAIL_IMMEDIATELY, 0, count, 0, &place))
        return 0;
    if (GetLastError() == ERROR_LOCK_VIOLATION || GetLastError() == ERROR_IO_PENDING)
        return EAGAIN;
    (void)windows_failed();
    return errno;
}

static void drop(int fd, off_t first, DWORD count)
{
    OVERLAPPED place = place_of(first);
    HANDLE handle = windows_handle(fd);

    if (handle != NULL)
        (void)UnlockFileEx(handle, 0, count, 0, &place);
}

int platform_lock_try(int fd, off_t byte)
{
    return try(fd, byte, 1, LOCKFILE_EXCLUSIVE_LOCK);
}

void platform_lock_drop(int fd, off_t byte)
{
    drop(fd, byte, 1);
}

/* A shared lock, for a moment: whoever tries to lock one of them then tries again. */
bool platform_lock_is_taken(int fd, off_t first, off_t last)
{
    const DWORD count = (DWORD)(last + 1 - first);
    int number = try(fd, first, count, 0);

    if (number == 0)
        drop(fd, first, count);
    return number == EAGAIN;
}

/* Not on Windows, which locks bytes alone. */
int platform_lock_whole(int fd)
{
    (void)fd;
    return EINVAL;
}

void platform_unlock_whole(int fd)
{
    (void)fd;
}
