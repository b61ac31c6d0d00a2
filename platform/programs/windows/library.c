/* SPDX-License-Identifier: Apache-2.0 */
#include <dlfcn.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/windows/api.h"

static char text[1024];

static void note_failure(const char *path, DWORD error)
{
    wchar_t words[512] = L"";
    char *narrow;
    DWORD len = FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, NULL,
                               error, 0, words, 512, NULL);

    while (len > 0 && (words[len - 1] == L'\n' || words[len - 1] == L'\r'))
        words[--len] = L'\0';
    narrow = windows_narrow(words);
    (void)snprintf(text, sizeof text, "%s: error %lu: %s", path, error,
                   narrow == NULL ? "" : narrow);
    free(narrow);
}

/* The library at the path, which may depend on the current folder; those that it needs come from
 * its own folder or the system's. */
void *dlopen(const char *path, int flags)
{
    wchar_t *given = windows_path_at(AT_FDCWD, path);
    DWORD room = given == NULL ? 0 : GetFullPathNameW(given, 0, NULL, NULL);
    wchar_t *whole = room == 0 ? NULL : calloc(room, sizeof *whole);
    void *library = NULL;

    (void)flags;
    if (whole != NULL && GetFullPathNameW(given, room, whole, NULL) < room)
        library = (void *)LoadLibraryExW(
            whole, NULL, LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR | LOAD_LIBRARY_SEARCH_SYSTEM32);
    if (library == NULL)
        note_failure(path, GetLastError());
    free(whole);
    free(given);
    return library;
}

void *dlsym(void *library, const char *name)
{
    return (void *)(uintptr_t)GetProcAddress(library, name);
}

int dlclose(void *library)
{
    return FreeLibrary(library) ? 0 : -1;
}

const char *dlerror(void)
{
    return text;
}
