/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/windows/place.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/windows/double/double.h"

bool place_make(char *out, size_t size)
{
    const char *top = getenv("TMPDIR");

    snprintf(out, size, "%s/sideseat-credentials-XXXXXX", top == NULL ? "/tmp" : top);
    if (mkdtemp(out) == NULL)
        return false;
    double_use(out);
    return true;
}

void place_use(const char *where)
{
    double_use(where);
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
