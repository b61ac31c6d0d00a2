/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_SCOPE_H
#define STORE_SCOPE_H

#include <stdbool.h>
#include <stddef.h>

#include "store/err.h"

/* The longest scope key, in bytes, without the terminating NUL. */
#define STORE_KEY_MAX 255

/*
 * The parts of a scope key: global/{name}, org/{id}/{name}, project/{id}/{name}, user/{id}/{name}.
 * As in sideseat, the name is the rest of the key: org/acme/a/b has the id "acme" and the name
 * "a/b". A global name has no '/'. The parts are slices of the parsed key and live as long as it.
 * For a global key `id` is empty (NULL, 0).
 */
struct store_scope_key {
    const char *scope; /* "global", "org", "project" or "user"; static, NUL-terminated */
    const char *id;
    size_t id_len;
    const char *name; /* the end of the key, so NUL-terminated if the key is */
    size_t name_len;
};

/* Parses `len` bytes at `key`. BAD_KEY (not logged: the caller knows the key's purpose) unless
 * it has one of the four forms, at most STORE_KEY_MAX bytes, and an id and a name of non-empty
 * UTF-8 without control characters, with '/' only in a name after an id. `out` may be NULL for a
 * check. */
enum store_err store_scope_parse(const char *key, size_t len,
                                 struct store_scope_key *out) STORE_CHECKED;

/* Writes the full scope key, NUL-terminated, for a label from a person: a valid key stays the
 * same, a bare name gets "global/" in front. BAD_KEY as above. */
enum store_err store_scope_complete(const char *label, size_t len,
                                    char out[STORE_KEY_MAX + 1]) STORE_CHECKED;

/* Checks and writes the listing prefix, ending in '/', of a scope such as "global", "org",
 * "org/acme" or "project/p1": "org/acme" becomes "org/acme/". BAD_KEY if it is not a scope:
 * "org/acme/a" is the beginning of some names. */
enum store_err store_scope_prefix(const char *scope, size_t len,
                                  char out[STORE_KEY_MAX + 1]) STORE_CHECKED;

/*
 * Report the secrets in a store that no key can name: their names have control characters or no
 * scope, are too long, or are not UTF-8. Listings skip them, but never silently. The first logs one
 * warning at the end of a listing, the second adds to the text of a health; both do nothing for 0.
 */
void store_scope_warn_unnamed(const char *backend, size_t count);
void store_scope_tell_unnamed(char *text, size_t size, size_t count);

#endif
