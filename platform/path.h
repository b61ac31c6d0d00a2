/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_PATH_H
#define PLATFORM_PATH_H

#include <stdbool.h>

/* The beginning of a path that is the same on every machine. */
#ifdef _WIN32
#define PLATFORM_ROOT "C:/"
#else
#define PLATFORM_ROOT "/"
#endif

/* True if the path does not depend on the current folder: "/x"; on Windows "C:\x" or
 * "\\server\share". */
bool platform_path_is_absolute(const char *path);

/* True for `/`, on Windows for `\`, too. */
bool platform_path_is_separator(char c);

/* Cuts an absolute path to its folder; false if it has none. */
bool platform_path_parent(char *path);

#endif
