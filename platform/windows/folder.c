/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "platform/windows/api.h"

struct windows_folder {
    int fd;
    HANDLE search;
    WIN32_FIND_DATAW found;
    bool fresh; /* `found` has not been given yet */
    struct dirent entry;
};

DIR *fdopendir(int fd)
{
    wchar_t *pattern = windows_path_at(fd, "*");
    DIR *folder = pattern == NULL ? NULL : calloc(1, sizeof *folder);

    if (folder != NULL) {
        folder->fd = fd;
        folder->search = FindFirstFileW(pattern, &folder->found);
        folder->fresh = folder->search != INVALID_HANDLE_VALUE;
        if (!folder->fresh) {
            (void)windows_failed();
            free(folder);
            folder = NULL;
        }
    }
    free(pattern);
    return folder;
}

struct dirent *readdir(DIR *folder)
{
    char *name = NULL;

    while (name == NULL) { /* a name that is not Unicode is left out */
        if (!folder->fresh && !FindNextFileW(folder->search, &folder->found))
            return NULL;
        folder->fresh = false;
        name = windows_narrow(folder->found.cFileName);
    }
    (void)snprintf(folder->entry.d_name, sizeof folder->entry.d_name, "%s", name);
    free(name);
    return &folder->entry;
}

int closedir(DIR *folder)
{
    int fd = folder->fd;

    FindClose(folder->search);
    free(folder);
    return close(fd);
}
