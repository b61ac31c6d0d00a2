/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_APPEND_FILE_H
#define CORE_APPEND_FILE_H

/* Files that several processes append lines to: the log's and the audit's. */

/* Opens the file for appending, with `access` (O_WRONLY or O_RDWR), and makes it with mode 0600 if
 * it is missing; never through a symbolic link. `out` gets the descriptor, which the caller closes.
 * Returns NULL, or the reason for a failure. */
const char *append_file_open(const char *path, int access, int *out);

/* The same for a file that is open already: `fd` is the result of store_fd_high. Refuses -1, a
 * pipe, another user's file, and one that others can write to; closes what it refuses. */
const char *append_file_take(int fd, int *out);

#endif
