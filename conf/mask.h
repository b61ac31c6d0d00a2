/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONF_MASK_H
#define CONF_MASK_H

#include <stddef.h>

#include "store/err.h"
#include "store/secret.h"

/* Takes the secrets out of a JSON text before a JSON library sees it, which would leave copies of
 * them in memory that it has freed. */

struct mask {
    struct store_secret text;     /* the text as the library may see it */
    struct store_secret *secrets; /* what was taken out, in order */
    size_t count;
};

/* Wherever the last part of a secret setting's path is the key of a text that is not empty, the
 * text becomes the decimal index of its value in `secrets`, with spaces behind it so that lines and
 * columns stay the same. A text that is not valid JSON stays, for the library to complain of.
 * NO_MEMORY is not logged. */
enum store_err mask_make(struct mask *out, const char *text, size_t len) STORE_CHECKED;

/* The secret that a masked text stands for; NULL if it stands for none. */
const struct store_secret *mask_find(const struct mask *mask, const char *masked);

void mask_free(struct mask *mask);

#endif
