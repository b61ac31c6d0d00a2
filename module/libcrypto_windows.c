/* SPDX-License-Identifier: Apache-2.0 */
#include "module/libcrypto.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "platform/path.h"
#include "platform/program.h"
#include "platform/system.h"
#include "platform/windows/api.h"
#include "store/log.h"

#define PATH_SIZE 1024

/* Windows looks for a bare name in more folders than the module's own, which is as safe as the
 * module. What libcrypto itself needs is there, too, or the system's. */
static HMODULE open_beside(const char *folder, const char *name)
{
    char path[PATH_SIZE + 64];
    wchar_t *wide;
    HMODULE library = NULL;

    (void)snprintf(path, sizeof path, "%s\\%s", folder, name);
    wide = windows_path_at(AT_FDCWD, path);
    if (wide != NULL)
        library = LoadLibraryExW(wide, NULL,
                                 LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR | LOAD_LIBRARY_SEARCH_SYSTEM32);
    free(wide);
    return library;
}

/* It is never unloaded, so that it stays mapped. */
static HMODULE open_library(const char *folder)
{
    HMODULE library = NULL;

    for (size_t i = 0; library == NULL && platform_libcrypto[i] != NULL; i++)
        library = open_beside(folder, platform_libcrypto[i]);
    return library;
}

bool libcrypto_find(const char *const *names, void **functions, size_t count)
{
    char folder[PATH_SIZE] = "";
    HMODULE library = NULL;
    bool found;

    if (platform_program_self(folder, sizeof folder) && platform_path_parent(folder))
        library = open_library(folder);
    found = library != NULL;
    for (size_t i = 0; found && i < count; i++) {
        functions[i] = (void *)(uintptr_t)GetProcAddress(library, names[i]);
        found = functions[i] != NULL;
    }
    if (found)
        return true;
    if (library == NULL)
        store_log(STORE_LOG_ERROR,
                  "pkcs11: %s: Windows loads no %s from there (error %lu); copy it there from "
                  "OpenSSL 3",
                  folder, platform_libcrypto[0], GetLastError());
    else
        store_log(STORE_LOG_ERROR,
                  "pkcs11: %s: the libcrypto there lacks a function; put that of OpenSSL 3 there",
                  folder);
    return false;
}
