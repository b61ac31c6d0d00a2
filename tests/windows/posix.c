/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <io.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "platform/system.h"
#include "platform/windows/api.h"

/* POSIX's functions for the tests, beside those that the product has (platform/windows). */

char **windows_environ(void)
{
    return platform_environ();
}

char *mkdtemp(char *path)
{
    char *end = path + strlen(path) - 6;
    unsigned short number;

    for (int i = 0; i < 100; i++) {
        if (platform_random(&number, sizeof number, true) != sizeof number)
            return NULL;
        snprintf(end, 7, "%06x", number);
        if (mkdir(path, 0700) == 0)
            return path;
        if (errno != EEXIST)
            return NULL;
    }
    return NULL;
}

DIR *opendir(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY);
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);

    if (folder == NULL && fd >= 0)
        close(fd);
    return folder;
}

int nftw(const char *path, int (*act)(const char *, const struct stat *, int, struct FTW *),
         int descriptors, int flags)
{
    DIR *folder = opendir(path);
    const struct dirent *entry;
    struct stat st;
    char name[2048];
    int done = 0;

    while (folder != NULL && done == 0 && (entry = readdir(folder)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        if (lstat(name, &st) == 0 && S_ISDIR(st.st_mode))
            done = nftw(name, act, descriptors, flags);
        else
            done = act(name, NULL, 0, NULL);
    }
    if (folder != NULL)
        closedir(folder);
    return done != 0 ? done : act(path, NULL, 0, NULL);
}

/* The C library's, but of folders, too. */
int remove(const char *path)
{
    wchar_t *wide = windows_wide(path);
    int done = wide != NULL && (DeleteFileW(wide) || RemoveDirectoryW(wide)) ? 0 : windows_failed();

    free(wide);
    return done;
}

static DWORD protection_of(int protection)
{
    if ((protection & PROT_WRITE) != 0)
        return PAGE_READWRITE;
    return (protection & PROT_READ) != 0 ? PAGE_READONLY : PAGE_NOACCESS;
}

void *mmap(void *address, size_t size, int protection, int flags, int fd, long offset)
{
    void *pages = VirtualAlloc(address, size, MEM_RESERVE | MEM_COMMIT, protection_of(protection));

    (void)flags;
    (void)fd;
    (void)offset;
    return pages == NULL ? MAP_FAILED : pages;
}

int mprotect(void *pages, size_t size, int protection)
{
    DWORD before;

    return VirtualProtect(pages, size, protection_of(protection), &before) ? 0 : -1;
}

int munmap(void *pages, size_t size)
{
    (void)size;
    return VirtualFree(pages, 0, MEM_RELEASE) ? 0 : -1;
}

long sysconf(int name)
{
    SYSTEM_INFO system;

    (void)name;
    GetSystemInfo(&system);
    return (long)system.dwPageSize;
}

/* Makes the C library like that of other systems: the tests write numbers to pipes, and make
 * folders below TMPDIR. With Wine, SIDESEAT_TEST_TEMP names another place, where syncing a file is
 * quick. */
__attribute__((constructor)) static void prepare(void)
{
    const char *named = getenv("SIDESEAT_TEST_TEMP");
    char temp[MAX_PATH + 1] = "";
    char variable[MAX_PATH + 8];
    size_t len;

    if (named == NULL)
        (void)GetTempPathA(MAX_PATH, temp);
    snprintf(variable, sizeof variable, "TMPDIR=%s", named == NULL ? temp : named);
    for (char *c = variable; *c != '\0'; c++)
        if (*c == '\\')
            *c = '/';
    len = strlen(variable);
    if (variable[len - 1] == '/')
        variable[len - 1] = '\0';
    (void)_putenv(variable);
    for (int fd = 0; fd <= 2; fd++)
        (void)_setmode(fd, _O_BINARY);
}
