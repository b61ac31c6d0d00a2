/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_APPEND_FILE_H
#define CORE_APPEND_FILE_H

/* Files that several processes append lines to: the log's and the audit's. */

/* Opens the file for appending, with `access` (O_WRONLY or O_RDWR), and makes it with mode 0600;
 * never through a symbolic link. The reason for a failure, or NULL. */
const char *append_file_open(const char *path, int access, int *out);

/* Takes over what store_fd_high gave, and gives it in `out` if it may take lines. The reason for a
 * failure, or NULL: `fd` is -1, a pipe or another user's, or others can write to it; then it is
 * closed. */
const char *append_file_take(int fd, int *out);

#endif
