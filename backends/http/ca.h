/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_HTTP_CA_H
#define BACKENDS_HTTP_CA_H

#include <stddef.h>

#include "store/err.h"

/*
 * Certificates to trust, read before libcurl sees them: libcurl would report a file without any as
 * an outage of the server, and accepts a folder only after c_rehash. For this folder only.
 *
 * A file that others may write to is not trusted (store/trusted_file.h). Errors are logged with the
 * path and `setting`, the name of the setting to correct.
 */

/* BAD_CONF unless it is a file with a certificate in PEM. */
enum store_err http_ca_file_check(const char *path, const char *setting) STORE_CHECKED;

/* Reads every certificate of every file below a folder, each once, as Vault's own clients do; skips
 * other files and links to folders (Kubernetes has one, ..data, to a folder beside it). `pem`, for
 * the caller to free, gets them as one text of `len` bytes. BAD_CONF if there is none or a file
 * cannot be trusted. */
enum store_err http_ca_folder_read(const char *path, const char *setting, char **pem,
                                   size_t *len) STORE_CHECKED;

#endif
