/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_VAULT_PATH_H
#define BACKENDS_VAULT_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "store/err.h"

/* Room for a path with its NUL: a mount and a prefix, each byte of a key escaped, and a query. */
#define VAULT_PATH_SIZE 2048

/* A path that grows; begin with {.len = 0}. */
struct vault_path {
    char text[VAULT_PATH_SIZE];
    size_t len;
};

/* Appends text as it is. BAD_KEY (not logged) if there is no room. */
enum store_err vault_path_add(struct vault_path *path, const char *text) STORE_CHECKED;

/*
 * Appends the segments of `text`, which '/' divides, each with a '/' before it and every byte
 * outside of RFC 3986's unreserved ones escaped. Vault matches policies before it cleans a path, so
 * a segment that is empty, "." or ".." would reach another secret than the policy allows: BAD_KEY
 * (not logged), as for control characters. A '/' at either end of `text` is left out.
 */
enum store_err vault_path_segments(struct vault_path *path, const char *text) STORE_CHECKED;

/* True if a URL's host is this machine: localhost, 127.0.0.0/8 or [::1]. */
bool vault_host_loopback(const char *url);

#endif
