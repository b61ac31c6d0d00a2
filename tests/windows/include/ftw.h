/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_WINDOWS_INCLUDE_FTW_H
#define TESTS_WINDOWS_INCLUDE_FTW_H

#include <sys/stat.h>

#define FTW_PHYS 1
#define FTW_DEPTH 8 /* always so here: a folder after what is in it */

struct FTW {
    int base;
    int level;
};

/* `act` gets the path alone */
int nftw(const char *path, int (*act)(const char *, const struct stat *, int, struct FTW *),
         int descriptors, int flags);

#endif
