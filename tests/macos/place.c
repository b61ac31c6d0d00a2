/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/macos/place.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/macos/double.h"

#ifdef LEAKS_ARE_SEEN
#include <sanitizer/lsan_interface.h>
#endif

bool place_make(char *out, size_t size)
{
    const char *top = getenv("TMPDIR");

    snprintf(out, size, "%s/sideseat-keychain-XXXXXX", top == NULL ? "/tmp" : top);
    if (mkdtemp(out) == NULL)
        return false;
    double_use(out);
    return true;
}

void place_remove(const char *folder)
{
    DIR *entries = opendir(folder);
    struct dirent *entry;

    while (entries != NULL && (entry = readdir(entries)) != NULL)
        (void)unlinkat(dirfd(entries), entry->d_name, 0);
    if (entries != NULL)
        closedir(entries);
    (void)rmdir(folder);
}

bool place_leaks(void)
{
#ifdef LEAKS_ARE_SEEN
    return __lsan_do_recoverable_leak_check() != 0;
#else
    return false;
#endif
}

int place_setup(void **state)
{
    static char folder[256];

    *state = folder;
    return place_make(folder, sizeof folder) ? 0 : -1;
}

int place_teardown(void **state)
{
    place_remove(*state);
    return place_leaks() ? -1 : 0;
}
