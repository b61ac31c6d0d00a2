/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_APPEND_FILE_H
#define CORE_APPEND_FILE_H

#include <sys/stat.h>

/* Files that several processes append lines to: the log's and the audit's. */

/* The reason for which a file takes no lines, or NULL: it is a pipe, belongs to another user, or
 * others can write to it. */
const char *append_file_refuse(const struct stat *st);

/* Opens the file for appending, with `access` (O_WRONLY or O_RDWR), and makes it with mode 0600;
 * never through a symbolic link. The reason for a failure, or NULL. */
const char *append_file_open(const char *path, int access, int *out);

#endif
