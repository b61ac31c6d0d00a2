/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_SCOPE_H
#define STORE_SCOPE_H

#include <stdbool.h>
#include <stddef.h>

#include "store/err.h"

/* The longest scope key, in bytes, without the terminating NUL. */
#define STORE_KEY_MAX 255

/*
 * A scope key, taken apart: global/{name}, org/{id}/{name}, project/{id}/{name}, user/{id}/{name}.
 * As in sideseat, the name is the rest of the key: org/acme/a/b has the id "acme" and the name
 * "a/b". A global name has no '/'. The parts are slices of the key they were parsed from and live
 * as long as it. For a global key `id` is empty (NULL, 0).
 */
struct store_scope_key {
    const char *scope; /* "global", "org", "project" or "user"; static, NUL-terminated */
    const char *id;
    size_t id_len;
    const char *name; /* reaches to the end of the key, so NUL-terminated if the key is */
    size_t name_len;
};

/* Parses `len` bytes at `key`. BAD_KEY (not logged: the caller knows what the key was for) unless
 * it is one of the four forms, at most STORE_KEY_MAX bytes, with an id and a name that are
 * non-empty UTF-8 without control characters, and '/' only in a name beside an id. `out` may be
 * NULL to check only. */
enum store_err store_scope_parse(const char *key, size_t len,
                                 struct store_scope_key *out) STORE_CHECKED;

/* Writes the full scope key, NUL-terminated, for a label as people give it: a valid key stays as it
 * is, a bare name gets "global/" in front. BAD_KEY as above. */
enum store_err store_scope_complete(const char *label, size_t len,
                                    char out[STORE_KEY_MAX + 1]) STORE_CHECKED;

/* Checks and writes the listing prefix, ending in '/', of a scope given as "global", "org",
 * "org/acme", "project/p1" and so on: "org/acme" becomes "org/acme/". BAD_KEY if it is no scope:
 * "org/acme/a" is the beginning of some names, not a scope. */
enum store_err store_scope_prefix(const char *scope, size_t len,
                                  char out[STORE_KEY_MAX + 1]) STORE_CHECKED;

/*
 * For what a store holds that no key can name: names with control characters or without a scope,
 * too long ones, and what is not UTF-8. It is not listed, but not hidden either. The first is for
 * the end of a listing and logs one warning, the second adds to the text of a health; both do
 * nothing for 0.
 */
void store_scope_warn_unnamed(const char *backend, size_t count);
void store_scope_tell_unnamed(char *text, size_t size, size_t count);

#endif
