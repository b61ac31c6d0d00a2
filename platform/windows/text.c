/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/windows/api.h"

#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <stdlib.h>
#include <string.h>

wchar_t *windows_wide(const char *text)
{
    int len = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1, NULL, 0);
    wchar_t *wide = len <= 0 ? NULL : calloc((size_t)len, sizeof *wide);

    if (wide == NULL) {
        errno = len <= 0 ? EILSEQ : ENOMEM;
        return NULL;
    }
    (void)MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1, wide, len);
    return wide;
}

char *windows_narrow(const wchar_t *text)
{
    int len = WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, text, -1, NULL, 0, NULL, NULL);
    char *narrow = len <= 0 ? NULL : malloc((size_t)len);

    if (narrow == NULL) {
        errno = len <= 0 ? EILSEQ : ENOMEM;
        return NULL;
    }
    (void)WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, text, -1, narrow, len, NULL, NULL);
    return narrow;
}

static int number_for(DWORD error)
{
    switch (error) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_INVALID_NAME:
    case ERROR_BAD_PATHNAME:
    case ERROR_INVALID_DRIVE:
    case ERROR_BAD_NETPATH:
        return ENOENT;
    case ERROR_ACCESS_DENIED:
    case ERROR_SHARING_VIOLATION:
    case ERROR_LOCK_VIOLATION:
    case ERROR_PRIVILEGE_NOT_HELD:
        return EACCES;
    case ERROR_FILE_EXISTS:
    case ERROR_ALREADY_EXISTS:
        return EEXIST;
    case ERROR_DISK_FULL:
    case ERROR_HANDLE_DISK_FULL:
        return ENOSPC;
    case ERROR_NOT_ENOUGH_MEMORY:
    case ERROR_OUTOFMEMORY:
        return ENOMEM;
    case ERROR_WRITE_PROTECT:
        return EROFS;
    case ERROR_DIRECTORY:
        return ENOTDIR;
    case ERROR_FILENAME_EXCED_RANGE:
        return ENAMETOOLONG;
    case ERROR_NOT_SUPPORTED:
    case ERROR_INVALID_FUNCTION:
        return EINVAL;
    case ERROR_BAD_EXE_FORMAT:
    case ERROR_EXE_MACHINE_TYPE_MISMATCH:
        return ENOEXEC;
    case ERROR_CANT_RESOLVE_FILENAME:
        return ELOOP;
    default:
        return EIO;
    }
}

int windows_failed(void)
{
    errno = number_for(GetLastError());
    return -1;
}

HANDLE windows_handle(int fd)
{
    HANDLE handle = (HANDLE)_get_osfhandle(fd);

    if (handle != INVALID_HANDLE_VALUE && handle != NULL)
        return handle;
    errno = EBADF;
    return NULL;
}

/* The path with Windows' separators, without which an extended path finds nothing. */
static wchar_t *name_of(const char *path)
{
    wchar_t *name = windows_wide(path);

    for (wchar_t *c = name; c != NULL && *c != L'\0'; c++)
        if (*c == L'/')
            *c = L'\\';
    return name;
}

wchar_t *windows_path_at(int folder, const char *path)
{
    wchar_t *name = name_of(path);
    HANDLE handle = folder == AT_FDCWD || name == NULL ? NULL : windows_handle(folder);
    wchar_t *whole = NULL;
    DWORD room;
    DWORD len;

    if (name == NULL || folder == AT_FDCWD)
        return name;
    room = handle == NULL ? 0 : GetFinalPathNameByHandleW(handle, NULL, 0, 0);
    if (room > 0)
        whole = calloc(room + 1 + wcslen(name) + 1, sizeof *whole);
    if (whole != NULL) {
        len = GetFinalPathNameByHandleW(handle, whole, room, 0);
        if (len > 0 && len < room && wcscmp(name, L".") == 0) {
            whole[len] = L'\0'; /* in such a path, "." would be a file's name */
        } else if (len > 0 && len < room) {
            whole[len] = L'\\';
            memcpy(whole + len + 1, name, (wcslen(name) + 1) * sizeof *name);
        } else {
            free(whole);
            whole = NULL;
        }
    }
    if (whole == NULL)
        (void)windows_failed();
    free(name);
    return whole;
}
