/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/path.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "platform/windows/pipe.h"

bool platform_path_is_separator(char c)
{
    return c == '/' || c == '\\';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The length of the part that no folder is above: "C:\", "\\server\share\"; 0 if there is none. */
static size_t root_len(const char *path)
{
    size_t len = 2;

    if (is_letter(path[0]) && path[1] == ':' && platform_path_is_separator(path[2]))
        return 3;
    if (!platform_path_is_separator(path[0]) || !platform_path_is_separator(path[1]))
        return 0;
    for (int i = 0; i < 2; i++) {
        size_t name = strcspn(path + len, "/\\");
        if (name == 0)
            return 0;
        len += name;
        if (path[len] != '\0')
            len++;
    }
    return len;
}

bool platform_path_is_absolute(const char *path)
{
    return root_len(path) > 0;
}

bool platform_path_is_socket(const char *path)
{
    static const char beginning[] = "\\\\.\\pipe\\";
    const size_t before = sizeof beginning - 1;
    const size_t len = strlen(path);

    if (strcmp(path, PLATFORM_SOCKET_DEFAULT) == 0)
        return true;
    if (len <= before || len > WINDOWS_PIPE_NAME_MAX || _strnicmp(path, beginning, before) != 0)
        return false;
    for (size_t i = before; i < len; i++)
        if (path[i] <= ' ' || path[i] > '~' || path[i] == '\\')
            return false;
    return true;
}

const char platform_path_form[] = "an absolute path (such as C:\\folder\\file)";

const char platform_socket_form[] =
    "\"" PLATFORM_SOCKET_DEFAULT
    "\", or a pipe such as \\\\.\\pipe\\NAME, where NAME is in ASCII, without \\";

bool platform_path_parent(char *path)
{
    size_t root = root_len(path);
    size_t len = strlen(path);

    while (len > root && platform_path_is_separator(path[len - 1]))
        len--;
    if (len <= root)
        return false;
    while (len > root && !platform_path_is_separator(path[len - 1]))
        len--;
    while (len > root && platform_path_is_separator(path[len - 1]))
        len--;
    path[len] = '\0';
    return len > 0;
}

static wchar_t *final_path(const wchar_t *path)
{
    HANDLE handle = CreateFileW(path, 0, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                                NULL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
    DWORD room = handle == INVALID_HANDLE_VALUE ? 0 : GetFinalPathNameByHandleW(handle, NULL, 0, 0);
    wchar_t *found = room == 0 ? NULL : calloc(room, sizeof *found);

    if (found != NULL && GetFinalPathNameByHandleW(handle, found, room, 0) >= room) {
        free(found);
        found = NULL;
    }
    if (found == NULL)
        (void)windows_failed();
    if (handle != INVALID_HANDLE_VALUE)
        CloseHandle(handle);
    return found;
}

char *realpath(const char *path, char *out)
{
    static const wchar_t extended[] = L"\\\\?\\";
    const size_t len = sizeof extended / sizeof extended[0] - 1;
    wchar_t *wide = windows_path_at(AT_FDCWD, path);
    wchar_t *found = wide == NULL ? NULL : final_path(wide);
    char *narrow = NULL;

    (void)out;
    if (found != NULL)
        narrow = windows_narrow(wcsncmp(found, extended, len) == 0 ? found + len : found);
    free(found);
    free(wide);
    return narrow;
}
