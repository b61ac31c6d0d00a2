/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "platform/windows/api.h"
#include "platform/windows/rights.h"
#include "store/time.h"

#define SHARE (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)

/* Windows counts units of 100 ns, from 1601. */
#define UNIT_NS 100
#define UNITS_IN_S (STORE_TIME_S / UNIT_NS)
#define UNITS_TO_1970 INT64_C(116444736000000000)

static struct timespec time_of(LARGE_INTEGER units)
{
    int64_t since = units.QuadPart - UNITS_TO_1970;

    if (since < 0)
        since = 0;
    return (struct timespec){.tv_sec = (time_t)(since / UNITS_IN_S),
                             .tv_nsec = (long)(since % UNITS_IN_S * UNIT_NS)};
}

/* What is not on a disk: a terminal, a pipe, NUL. */
static int device_status(HANDLE handle, struct windows_stat *out)
{
    *out =
        (struct windows_stat){.st_mode = GetFileType(handle) == FILE_TYPE_CHAR ? S_IFCHR : S_IFIFO,
                              .st_nlink = 1,
                              .st_rdev = (uint64_t)GetFileType(handle)};
    return 0;
}

static mode_t kind_of(DWORD attributes)
{
    if ((attributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0)
        return S_IFLNK;
    return (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0 ? S_IFDIR : S_IFREG;
}

static int status(HANDLE handle, struct windows_stat *out)
{
    BY_HANDLE_FILE_INFORMATION information;
    FILE_BASIC_INFO times;
    mode_t bits = 0;

    if (GetFileType(handle) != FILE_TYPE_DISK)
        return device_status(handle, out);
    if (!GetFileInformationByHandle(handle, &information) ||
        !GetFileInformationByHandleEx(handle, FileBasicInfo, &times, sizeof times))
        return windows_failed();
    *out = (struct windows_stat){
        .st_ino = (uint64_t)information.nFileIndexHigh << 32 | information.nFileIndexLow,
        .st_nlink = information.nNumberOfLinks,
        .st_size = (int64_t)information.nFileSizeHigh << 32 | information.nFileSizeLow,
        .st_mtim = time_of(times.LastWriteTime),
        .st_ctim = time_of(times.ChangeTime),
        .st_mode = kind_of(information.dwFileAttributes),
    };
    if (windows_rights_read(handle, S_ISDIR(out->st_mode), &out->st_uid, &bits) != 0)
        return -1;
    out->st_mode = (mode_t)(out->st_mode | bits | (S_ISDIR(out->st_mode) ? 0700 : 0600));
    return 0;
}

static HANDLE look(const wchar_t *path, DWORD access, bool follow)
{
    const DWORD flags =
        FILE_FLAG_BACKUP_SEMANTICS | (follow ? 0 : (DWORD)FILE_FLAG_OPEN_REPARSE_POINT);

    return CreateFileW(path, access, SHARE, NULL, OPEN_EXISTING, flags, NULL);
}

/* Opens a path, which it frees, to look at it. */
static int status_of_path(wchar_t *path, bool follow, struct windows_stat *out)
{
    HANDLE handle;
    int done;

    if (path == NULL)
        return -1;
    handle = look(path, FILE_READ_ATTRIBUTES | READ_CONTROL, follow);
    done = handle == INVALID_HANDLE_VALUE ? windows_failed() : status(handle, out);
    if (handle != INVALID_HANDLE_VALUE)
        CloseHandle(handle);
    free(path);
    return done;
}

int windows_fstat(int fd, struct windows_stat *out)
{
    HANDLE handle = windows_handle(fd);

    return handle == NULL ? -1 : status(handle, out);
}

int windows_stat(const char *path, struct windows_stat *out)
{
    return status_of_path(windows_path_at(AT_FDCWD, path), true, out);
}

int windows_lstat(const char *path, struct windows_stat *out)
{
    return status_of_path(windows_path_at(AT_FDCWD, path), false, out);
}

int fstatat(int folder, const char *path, struct windows_stat *out, int flags)
{
    return status_of_path(windows_path_at(folder, path), (flags & AT_SYMLINK_NOFOLLOW) == 0, out);
}

int windows_mkdir(const char *path, int mode)
{
    SECURITY_ATTRIBUTES rights = {.nLength = sizeof rights};
    wchar_t *wide = windows_path_at(AT_FDCWD, path);
    DWORD attributes;
    int done = -1;

    if (wide != NULL && (mode & 077) == 0)
        rights.lpSecurityDescriptor = windows_rights_new(mode, true);
    if (wide != NULL && ((mode & 077) != 0 || rights.lpSecurityDescriptor != NULL))
        done = CreateDirectoryW(wide, rights.lpSecurityDescriptor == NULL ? NULL : &rights)
                   ? 0
                   : windows_failed();
    if (done != 0 && wide != NULL) { /* a drive refuses, rather than saying that it exists */
        attributes = GetFileAttributesW(wide);
        if (attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0)
            errno = EEXIST;
    }
    if (rights.lpSecurityDescriptor != NULL)
        LocalFree(rights.lpSecurityDescriptor);
    free(wide);
    return done;
}

/* The rights of an open file or folder. */
static int set_mode(HANDLE handle, int mode)
{
    BY_HANDLE_FILE_INFORMATION information;

    if (!GetFileInformationByHandle(handle, &information))
        return windows_failed();
    return windows_rights_set(handle, mode,
                              (information.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0);
}

/* Opens a path, which it frees, to change its rights. */
static int set_mode_of_path(wchar_t *path, int mode, bool follow)
{
    HANDLE handle;
    int done;

    if (path == NULL)
        return -1;
    handle = look(path, FILE_READ_ATTRIBUTES | READ_CONTROL | WRITE_DAC, follow);
    done = handle == INVALID_HANDLE_VALUE ? windows_failed() : set_mode(handle, mode);
    if (handle != INVALID_HANDLE_VALUE)
        CloseHandle(handle);
    free(path);
    return done;
}

int windows_chmod(const char *path, int mode)
{
    return set_mode_of_path(windows_path_at(AT_FDCWD, path), mode, true);
}

int fchmodat(int folder, const char *path, int mode, int flags)
{
    return set_mode_of_path(windows_path_at(folder, path), mode,
                            (flags & AT_SYMLINK_NOFOLLOW) == 0);
}

int fchmod(int fd, int mode)
{
    HANDLE handle = windows_handle(fd);

    return handle == NULL ? -1 : set_mode(handle, mode);
}

int futimens(int fd, const struct timespec times[2])
{
    HANDLE handle = windows_handle(fd);
    const int64_t units =
        (int64_t)times[1].tv_sec * UNITS_IN_S + times[1].tv_nsec / UNIT_NS + UNITS_TO_1970;
    const FILETIME changed = {.dwLowDateTime = (DWORD)units,
                              .dwHighDateTime = (DWORD)(units >> 32)};

    if (handle == NULL)
        return -1;
    return SetFileTime(handle, NULL, NULL, &changed) ? 0 : windows_failed();
}
