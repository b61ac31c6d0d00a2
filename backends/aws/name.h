/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_AWS_NAME_H
#define BACKENDS_AWS_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include "store/err.h"
#include "store/scope.h"

/*
 * The names of secrets in AWS: "{prefix}/{key}". AWS allows A-Z a-z 0-9 / _ + = . @ - (API
 * reference, CreateSecret, Name); scope keys are any UTF-8. So each byte of a key that AWS does not
 * allow, and '=' itself, is written as '=' and two upper case hexadecimal digits: "org/a b/x=1"
 * becomes "org/a=20b/x=3D1". Keys made of the other allowed characters stay as they are, '/'
 * always does, and each key has exactly one name and each name at most one key.
 *
 * Threads: pure functions.
 */

/* The longest name AWS takes, in bytes, without the terminating NUL. */
#define AWS_NAME_MAX 512

/* True if `prefix` can precede the keys: at most 200 characters that AWS allows, with no '/' at
 * either end and no two together. It may be empty; then a name is just the key's. */
bool aws_name_prefix_valid(const char *prefix);

/* Writes the name of `key`, or of a listing prefix such as "org/acme/" or "". TOO_BIG, not logged,
 * if it would be longer than AWS_NAME_MAX; `len` (may be NULL) gets the length in either case. */
enum store_err aws_name_encode(const char *prefix, const char *key, char out[AWS_NAME_MAX + 1],
                               size_t *len) STORE_CHECKED;

/* Decodes the scope key of `name`; false if the name is not ours: another prefix, an escape that
 * aws_name_encode would not write, or an invalid scope key. */
bool aws_name_decode(const char *prefix, const char *name, size_t len, char out[STORE_KEY_MAX + 1]);

/* True if a name is below a prefix that is not empty. */
bool aws_name_below(const char *prefix, const char *name);

#endif
