/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_WINDOWS_INCLUDE_DIRENT_H
#define TESTS_WINDOWS_INCLUDE_DIRENT_H

#pragma GCC system_header

#include_next <dirent.h>

DIR *opendir(const char *path);

#endif
