/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_RANDOM_H
#define TOOLS_SIDESEAT_SECRETS_RANDOM_H

#include "store/secret.h"
#include "tools/sideseat-secrets/outcome.h"

/* Random text for a new secret, each possible text being equally likely. */

struct random_alphabet {
    const char *name;       /* of --alphabet */
    const char *characters; /* NULL: words */
    size_t usual;           /* length */
    size_t least;
    size_t most;
};

/* The alphabet of this name; NULL if there is none. */
const struct random_alphabet *random_find(const char *name);

/* Appends `length` random characters, or words with '-' between them. A word is a proquint
 * (arXiv:0901.4016): five letters that can be spoken, from 16 random bits. */
enum outcome random_text(const struct random_alphabet *alphabet, size_t length,
                         struct store_secret *out) STORE_CHECKED;

#endif
