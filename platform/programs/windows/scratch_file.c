/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/programs/memory_file.h"

#include <fcntl.h>
#include <io.h>

#include "platform/windows/api.h"
#include "platform/windows/rights.h"
#include "store/descriptor.h"

/* A new file in the user's folder for such, which its last handle deletes. */
int platform_scratch_file(void)
{
    SECURITY_ATTRIBUTES rights = {.nLength = sizeof rights};
    HANDLE file = INVALID_HANDLE_VALUE;
    wchar_t folder[MAX_PATH + 1];
    wchar_t path[MAX_PATH + 1];
    int fd = -1;

    /* which makes the file */
    if (GetTempPathW(MAX_PATH, folder) == 0 || GetTempFileNameW(folder, L"sst", 0, path) == 0)
        return windows_failed();
    rights.lpSecurityDescriptor = windows_rights_new(0600, false);
    if (rights.lpSecurityDescriptor != NULL && DeleteFileW(path))
        file = CreateFileW(path, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_DELETE,
                           &rights, CREATE_NEW,
                           FILE_ATTRIBUTE_TEMPORARY | FILE_FLAG_DELETE_ON_CLOSE, NULL);
    if (rights.lpSecurityDescriptor != NULL)
        LocalFree(rights.lpSecurityDescriptor);
    if (file == INVALID_HANDLE_VALUE)
        return windows_failed();
    fd = _open_osfhandle((intptr_t)file, _O_RDWR | _O_BINARY | _O_NOINHERIT);
    if (fd < 0)
        CloseHandle(file);
    return store_fd_high(fd);
}
