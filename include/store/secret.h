/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_SECRET_H
#define STORE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "store/err.h"

/*
 * The one type for secret bytes: values, PINs, tokens, whole documents that contain values.
 *
 * A secret is a slice of a reference-counted block of memory that is locked, kept out of core dumps
 * and zeroed in forked children (each as far as the system allows; none is required). Dropping its
 * last slice wipes the block. A zero-initialized secret is valid and empty; every function accepts
 * it. Copying the struct with `=` does not add a reference: use store_secret_share or
 * store_secret_move.
 *
 * Threads: different threads may use different secrets, even in one block; only one thread at a
 * time may use one struct store_secret.
 *
 * No function prints a secret, and none may be added.
 */
struct store_secret_block;

struct store_secret {
    const unsigned char *data; /* len readable bytes; not NUL-terminated; NULL when empty */
    size_t len;
    struct store_secret_block *block; /* NULL when empty */
};

/* Wipes the secret at the end of the scope: AUTO_SECRET pin = {0}; */
#define AUTO_SECRET __attribute__((cleanup(store_secret_wipe))) struct store_secret

/* Replaces the content of `s` by a copy of `len` bytes at `data` (which may lie inside `s`). On
 * NO_MEMORY `s` is unchanged. */
enum store_err store_secret_set(struct store_secret *s, const void *data, size_t len) STORE_CHECKED;

/* Appends a copy of `len` bytes (which may lie inside `s`). Memory grows geometrically, by copy
 * and wipe, never by realloc. A shared block stays unchanged: `s` gets its own. On NO_MEMORY `s`
 * is unchanged. */
enum store_err store_secret_append(struct store_secret *s, const void *data,
                                   size_t len) STORE_CHECKED;

/* Resizes `s` to `len` bytes in a block of its own and keeps its bytes (new ones are zero). The
 * caller may write to `bytes` (with read(2), a decoder and so on) until it next passes the
 * secret to a function. On NO_MEMORY `s` is unchanged. */
enum store_err store_secret_resize(struct store_secret *s, size_t len,
                                   unsigned char **bytes) STORE_CHECKED;

/* Reads `fd` to its end into `s`. TOO_BIG past `most` bytes, FAILED for a read error (see
 * errno), NO_MEMORY; `s` is empty then. Logs nothing. */
enum store_err store_secret_read(struct store_secret *s, int fd, size_t most) STORE_CHECKED;

/* Makes `out` another reference to the bytes of `from` and drops its old content. */
void store_secret_share(struct store_secret *out, const struct store_secret *from);

/* As store_secret_share, for `len` bytes from `offset`, which must lie inside `from`. */
void store_secret_slice(struct store_secret *out, const struct store_secret *from, size_t offset,
                        size_t len);

/* Moves `from` to `out`, whose old content it drops, and empties `from`. */
void store_secret_move(struct store_secret *out, struct store_secret *from);

/* Drops the reference, wipes the block if it was the last, and empties `s`. Idempotent. */
void store_secret_wipe(struct store_secret *s);

/* Compares in a time that depends only on the lengths. */
bool store_secret_equal(const struct store_secret *s, const void *data, size_t len);

/* Overwrites plain memory; the compiler cannot omit it. */
void store_wipe(void *data, size_t len);

/* Frees the memory that no secret uses any more. C_Finalize calls this, when no other thread
 * uses secrets. */
void store_secret_trim(void);

#endif
