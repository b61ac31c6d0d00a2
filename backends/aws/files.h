/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_AWS_FILES_H
#define BACKENDS_AWS_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "store/err.h"
#include "store/secret.h"

/*
 * The files that AWS's tools share with us: configuration, tokens, the SSO cache. All of them may
 * hold secrets. Threads: any number at once.
 */

#define AWS_PATH_SIZE 4096
#define AWS_FILE_MAX ((size_t)1024 * 1024)

/* Reads a whole file of at most AWS_FILE_MAX bytes. NOT_FOUND, not logged, if it does not exist;
 * AUTH, logged, if it cannot be read, cannot be trusted (store/trusted_file.h), is too large, or is
 * a pipe (which could make the caller wait). A file that this user may not reach is left out with a
 * warning, unless the configuration has `named` it. */
enum store_err aws_file_read(const char *path, bool named, struct store_secret *out) STORE_CHECKED;

/* Replaces a file of mode 0600 as a whole (a new file, synced, renamed over the old one). AUTH,
 * logged, if that fails; then the old one is as it was. */
enum store_err aws_file_write(const char *path, const struct store_secret *content) STORE_CHECKED;

/* Finds a path: the environment variable `variable`, with a leading "~/" for the home folder, else
 * `below_home` in the home folder. `variable` may be NULL. NOT_FOUND, not logged, without a home
 * folder, in a privileged process (store/user.h), or if it is too long. */
enum store_err aws_file_path(const char *variable, const char *below_home,
                             char out[AWS_PATH_SIZE]) STORE_CHECKED;

#endif
