/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_NEAREST_H
#define STORE_NEAREST_H

#include <stddef.h>

#define STORE_NEAREST_MAX 63 /* longer names do not resemble any */

/* A search among known names for the one that resembles `name` most, which may be a slip. */
struct store_nearest {
    const char *name; /* borrowed */
    size_t distance;  /* of the best candidate so far */
    char best[STORE_NEAREST_MAX + 1];
};

/* Begins a search for the name that resembles `name`. */
void store_nearest_begin(struct store_nearest *search, const char *name);

/* Considers `len` bytes of a candidate; the first of two that are equally similar wins. */
void store_nearest_add(struct store_nearest *search, const char *candidate, size_t len);

/* The best candidate, in `search`; NULL if none is similar enough. */
const char *store_nearest_word(const struct store_nearest *search);

#endif
