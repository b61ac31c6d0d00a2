/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_SECRET_H
#define STORE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "store/err.h"

/*
 * The one type for secret bytes: values, PINs, tokens, whole documents that contain values.
 *
 * A secret is a slice of a reference-counted block of memory that is locked, kept out of core
 * dumps and zeroed in forked children (each as far as the system allows; none is required). The
 * block is wiped when its last slice goes. Zero-initialized is the valid empty secret; every
 * function accepts it. Copying the struct with `=` is not taking a reference: use
 * store_secret_share or store_secret_move.
 *
 * Threads: different secrets may be used from different threads, also when they share a block.
 * One struct store_secret is used by one thread at a time.
 *
 * There is no way to print one, and none is to be added.
 */
struct store_secret_block;

struct store_secret {
    const unsigned char *data; /* len readable bytes; not NUL-terminated; NULL when empty */
    size_t len;
    struct store_secret_block *block; /* NULL when empty */
};

/* Wipes the secret at the end of the scope: AUTO_SECRET pin = {0}; */
#define AUTO_SECRET __attribute__((cleanup(store_secret_wipe))) struct store_secret

/* Replaces what `s` holds by a copy of `len` bytes at `data` (which may lie inside `s`). On
 * NO_MEMORY `s` is unchanged. */
enum store_err store_secret_set(struct store_secret *s, const void *data, size_t len) STORE_CHECKED;

/* Appends a copy of `len` bytes (which may lie inside `s`). Memory grows by copy and wipe, never
 * realloc, geometrically. A shared block is left alone: `s` gets its own. On NO_MEMORY `s` is
 * unchanged. */
enum store_err store_secret_append(struct store_secret *s, const void *data,
                                   size_t len) STORE_CHECKED;

/* Makes `s` exactly `len` bytes long, in a block of its own, keeping the bytes it has (new bytes
 * are zero), and gives in `bytes` where they may be written (by read(2), a decoder, and so on)
 * until the secret is next passed to any function. On NO_MEMORY `s` is unchanged. */
enum store_err store_secret_resize(struct store_secret *s, size_t len,
                                   unsigned char **bytes) STORE_CHECKED;

/* Makes `s` all that can be read from `fd`, to its end. TOO_BIG if that is more than `most` bytes,
 * FAILED if it cannot be read (errno says why), NO_MEMORY; `s` is empty then. Nothing is logged. */
enum store_err store_secret_read(struct store_secret *s, int fd, size_t most) STORE_CHECKED;

/* Makes `out` (whose old content is dropped) another reference to the bytes of `from`. */
void store_secret_share(struct store_secret *out, const struct store_secret *from);

/* As store_secret_share, for `len` bytes from `offset`, which must lie inside `from`. */
void store_secret_slice(struct store_secret *out, const struct store_secret *from, size_t offset,
                        size_t len);

/* Hands over: `out` (old content dropped) becomes `from`, and `from` becomes empty. */
void store_secret_move(struct store_secret *out, struct store_secret *from);

/* Drops the reference, wiping the block if it was the last, and leaves `s` empty. Idempotent. */
void store_secret_wipe(struct store_secret *s);

/* Compares in time that depends on the lengths only. */
bool store_secret_equal(const struct store_secret *s, const void *data, size_t len);

/* Overwrites plain memory so that the compiler cannot leave it out. */
void store_wipe(void *data, size_t len);

/* Frees all memory that secrets have used and no secret holds now. Called by C_Finalize, when no
 * other thread uses secrets. */
void store_secret_trim(void);

#endif
