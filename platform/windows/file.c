/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/file.h"

#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "platform/windows/api.h"
#include "platform/windows/rights.h"
#include "store/time.h"

#define SHARE (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)
#define ACCESS (O_RDONLY | O_WRONLY | O_RDWR)

/* FileRenameInfoEx, which MinGW-w64 10 leaves out */
#define RENAME_INFO_EX ((FILE_INFO_BY_HANDLE_CLASS)22)

/* A file that another program has open without sharing it is free again soon, as a rule. */
#define BUSY_ATTEMPTS 50
#define BUSY_PAUSE_MS 1

static bool is_busy(DWORD error)
{
    return error == ERROR_SHARING_VIOLATION || error == ERROR_LOCK_VIOLATION;
}

static DWORD access_of(int flags)
{
    if ((flags & O_DIRECTORY) != 0)
        return GENERIC_READ | GENERIC_WRITE; /* what syncing a folder needs */
    if ((flags & O_APPEND) != 0)
        return FILE_APPEND_DATA | FILE_READ_ATTRIBUTES | READ_CONTROL | SYNCHRONIZE |
               ((flags & ACCESS) == O_RDWR ? (DWORD)FILE_READ_DATA : 0);
    if ((flags & ACCESS) == O_RDWR)
        return GENERIC_READ | GENERIC_WRITE | WRITE_DAC | DELETE;
    if ((flags & ACCESS) == O_WRONLY)
        return GENERIC_WRITE | FILE_READ_ATTRIBUTES | READ_CONTROL | WRITE_DAC | DELETE;
    return GENERIC_READ;
}

/* The same without the rights that not every owner has. */
static DWORD less_access_of(int flags)
{
    return (flags & O_DIRECTORY) != 0 ? GENERIC_READ
                                      : access_of(flags) & ~(DWORD)(WRITE_DAC | DELETE);
}

static DWORD disposition_of(int flags)
{
    if ((flags & O_CREAT) == 0)
        return (flags & O_TRUNC) != 0 ? TRUNCATE_EXISTING : OPEN_EXISTING;
    if ((flags & O_EXCL) != 0)
        return CREATE_NEW;
    return (flags & O_TRUNC) != 0 ? CREATE_ALWAYS : OPEN_ALWAYS;
}

static HANDLE create(const wchar_t *path, int flags, SECURITY_ATTRIBUTES *rights)
{
    const DWORD attributes = FILE_ATTRIBUTE_NORMAL | FILE_FLAG_BACKUP_SEMANTICS |
                             ((flags & O_NOFOLLOW) != 0 ? (DWORD)FILE_FLAG_OPEN_REPARSE_POINT : 0);
    HANDLE handle;

    for (int i = 0;; i++) {
        handle = CreateFileW(path, access_of(flags), SHARE, rights, disposition_of(flags),
                             attributes, NULL);
        if (handle == INVALID_HANDLE_VALUE && GetLastError() == ERROR_ACCESS_DENIED)
            handle = CreateFileW(path, less_access_of(flags), SHARE, rights, disposition_of(flags),
                                 attributes, NULL);
        if (handle != INVALID_HANDLE_VALUE || !is_busy(GetLastError()) || i == BUSY_ATTEMPTS)
            return handle;
        Sleep(BUSY_PAUSE_MS);
    }
}

/* 0, or the errno for a handle that is not of the kind that the flags ask for. */
static int kind_check(HANDLE handle, int flags)
{
    BY_HANDLE_FILE_INFORMATION information;

    if (GetFileType(handle) != FILE_TYPE_DISK)
        return (flags & O_DIRECTORY) != 0 ? ENOTDIR : 0;
    if (!GetFileInformationByHandle(handle, &information))
        return EIO;
    if ((flags & O_NOFOLLOW) != 0 &&
        (information.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0)
        return ELOOP;
    if ((information.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) == 0)
        return (flags & O_DIRECTORY) != 0 ? ENOTDIR : 0;
    return (flags & O_DIRECTORY) == 0 && (flags & ACCESS) != O_RDONLY ? EISDIR : 0;
}

static int descriptor_of(HANDLE handle, int flags)
{
    int number = kind_check(handle, flags);
    int fd = -1;

    if (number == 0)
        fd = _open_osfhandle((intptr_t)handle,
                             (flags & (ACCESS | O_APPEND)) | _O_BINARY | _O_NOINHERIT);
    if (number == 0 && fd < 0)
        number = errno;
    if (fd < 0) {
        CloseHandle(handle);
        errno = number;
    }
    return fd;
}

static int open_path(wchar_t *path, int flags, unsigned mode)
{
    SECURITY_ATTRIBUTES rights = {.nLength = sizeof rights};
    HANDLE handle = INVALID_HANDLE_VALUE;
    int fd;

    if (path == NULL)
        return -1;
    if ((flags & O_CREAT) != 0 && (mode & 077) == 0) {
        rights.lpSecurityDescriptor = windows_rights_new((int)mode, false);
        if (rights.lpSecurityDescriptor == NULL) {
            free(path);
            return -1;
        }
    }
    handle = create(path, flags, rights.lpSecurityDescriptor == NULL ? NULL : &rights);
    fd = handle == INVALID_HANDLE_VALUE ? windows_failed() : descriptor_of(handle, flags);
    if (rights.lpSecurityDescriptor != NULL)
        LocalFree(rights.lpSecurityDescriptor);
    free(path);
    return fd;
}

static unsigned mode_given(int flags, va_list more)
{
    return (flags & O_CREAT) != 0 ? va_arg(more, unsigned) : 0;
}

/* instead of the C library's, whose paths are not UTF-8 */
int open(const char *path, int flags, ...)
{
    unsigned mode;
    va_list more;

    va_start(more, flags);
    mode = mode_given(flags, more);
    va_end(more);
    return open_path(windows_path_at(AT_FDCWD, path), flags, mode);
}

int openat(int folder, const char *path, int flags, ...)
{
    unsigned mode;
    va_list more;

    va_start(more, flags);
    mode = mode_given(flags, more);
    va_end(more);
    return open_path(windows_path_at(folder, path), flags, mode);
}

ssize_t pread(int fd, void *bytes, size_t len, off_t offset)
{
    OVERLAPPED place = {.Offset = (DWORD)offset, .OffsetHigh = (DWORD)((uint64_t)offset >> 32)};
    HANDLE handle = windows_handle(fd);
    DWORD done = 0;

    if (handle == NULL)
        return -1;
    if (!ReadFile(handle, bytes, (DWORD)len, &done, &place) && GetLastError() != ERROR_HANDLE_EOF)
        return windows_failed();
    return (ssize_t)done;
}

int faccessat(int folder, const char *path, int mode, int flags)
{
    wchar_t *wide = windows_path_at(folder, path);
    const DWORD access = mode == W_OK ? FILE_ADD_FILE : FILE_LIST_DIRECTORY;
    HANDLE handle;

    (void)flags;
    if (wide == NULL)
        return -1;
    handle =
        CreateFileW(wide, access, SHARE, NULL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
    free(wide);
    if (handle == INVALID_HANDLE_VALUE)
        return windows_failed();
    CloseHandle(handle);
    return 0;
}

int fsync(int fd)
{
    HANDLE handle = windows_handle(fd);
    BY_HANDLE_FILE_INFORMATION information;

    if (handle == NULL)
        return -1;
    if (FlushFileBuffers(handle))
        return 0;
    (void)windows_failed();
    /* a folder that this user may only read, or whose file system cannot */
    if (errno == EACCES && GetFileInformationByHandle(handle, &information) &&
        (information.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0)
        errno = EINVAL;
    return -1;
}

static int remove_path(wchar_t *path)
{
    int done;

    if (path == NULL)
        return -1;
    done = DeleteFileW(path) ? 0 : windows_failed();
    free(path);
    return done;
}

int windows_unlink(const char *path)
{
    return remove_path(windows_path_at(AT_FDCWD, path));
}

int unlinkat(int folder, const char *path, int flags)
{
    (void)flags;
    return remove_path(windows_path_at(folder, path));
}

/* Calls `act` for two paths; 0, or -1 with errno. */
static int with_paths(int from_folder, const char *from, int to_folder, const char *to,
                      bool (*act)(const wchar_t *from, const wchar_t *to, int64_t deadline_ns),
                      int64_t deadline_ns)
{
    wchar_t *from_path = windows_path_at(from_folder, from);
    wchar_t *to_path = from_path == NULL ? NULL : windows_path_at(to_folder, to);
    int done = -1;

    if (to_path != NULL)
        done = act(from_path, to_path, deadline_ns) ? 0 : windows_failed();
    free(from_path);
    free(to_path);
    return done;
}

static bool make_link(const wchar_t *from, const wchar_t *to, int64_t deadline_ns)
{
    (void)deadline_ns;
    return CreateHardLinkW(to, from, NULL);
}

int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags)
{
    (void)flags;
    return with_paths(from_folder, from, to_folder, to, make_link, 0);
}

static bool move_new(const wchar_t *from, const wchar_t *to, int64_t deadline_ns)
{
    (void)deadline_ns;
    return MoveFileExW(from, to, MOVEFILE_WRITE_THROUGH);
}

int platform_rename_new(int folder, const char *from, const char *to)
{
    return with_paths(folder, from, folder, to, move_new, 0);
}

/* Replaces a file as rename(2) does, while others have it open: Windows 10 and later, on NTFS. */
static bool move_as_posix(const wchar_t *from, const wchar_t *to)
{
    const size_t len = wcslen(to);
    const size_t size = sizeof(FILE_RENAME_INFO) + (len + 1) * sizeof *to;
    FILE_RENAME_INFO *rename = calloc(1, size);
    HANDLE handle = CreateFileW(from, DELETE | SYNCHRONIZE, SHARE, NULL, OPEN_EXISTING,
                                FILE_FLAG_OPEN_REPARSE_POINT, NULL);
    bool done = false;

    if (rename != NULL && handle != INVALID_HANDLE_VALUE) {
        rename->Flags = FILE_RENAME_FLAG_REPLACE_IF_EXISTS | FILE_RENAME_FLAG_POSIX_SEMANTICS;
        rename->FileNameLength = (DWORD)(len * sizeof *to);
        memcpy(rename->FileName, to, len * sizeof *to);
        done = SetFileInformationByHandle(handle, RENAME_INFO_EX, rename, (DWORD)size);
    }
    if (handle != INVALID_HANDLE_VALUE)
        CloseHandle(handle);
    free(rename);
    return done;
}

/* On other file systems a replacement fails while a reader opens the file, so it is repeated. */
static bool move_over(const wchar_t *from, const wchar_t *to, int64_t deadline_ns)
{
    DWORD error;

    if (move_as_posix(from, to))
        return true;
    while (!MoveFileExW(from, to, MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH)) {
        error = GetLastError();
        if ((error != ERROR_ACCESS_DENIED && !is_busy(error)) ||
            store_time_monotonic() >= deadline_ns) {
            SetLastError(error);
            return false;
        }
        Sleep(BUSY_PAUSE_MS);
    }
    return true;
}

int platform_rename_over(int folder, const char *from, const char *to, int64_t deadline_ns)
{
    return with_paths(folder, from, folder, to, move_over, deadline_ns);
}
