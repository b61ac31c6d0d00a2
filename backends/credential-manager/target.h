/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_CREDENTIAL_MANAGER_TARGET_H
#define BACKENDS_CREDENTIAL_MANAGER_TARGET_H

#include <stdbool.h>

#include "store/scope.h"

/*
 * The target names of credentials, in ASCII: "sideseat:{key}" holds a secret, and
 * "sideseat.part:{key}:{revision}:{number}" a part of a long value.
 *
 * Windows compares target names without case, and by tables of its own. So a name keeps only small
 * letters, digits and / - _ . @ + = of a key; each other byte of its UTF-8 is %xx, in small digits:
 * org/Acme/key is "sideseat:org/%41cme/key". The longest name has fewer than 1,000 characters;
 * Windows takes 32,767.
 */
#define TARGET_SIZE 1024

/* A text of hexadecimal digits that each write renews. */
#define TARGET_REVISION_SIZE 17

/* Writes the name of a secret. For a prefix of keys, the prefix of their names. */
void target_format(const char *key, char out[TARGET_SIZE]);

/* Writes the name of a part, and the prefix of the names of all parts of a key; NULL: of all
 * keys. */
void target_format_part(const char *key, const char revision[TARGET_REVISION_SIZE], unsigned number,
                        char out[TARGET_SIZE]);
void target_format_parts(const char *key, char out[TARGET_SIZE]);

/* Parse a name, whose letters may be large. False if target_format, or target_format_part, does not
 * write such a name for any valid key. */
bool target_parse(const char *target, char key[STORE_KEY_MAX + 1]);
bool target_parse_part(const char *target, char key[STORE_KEY_MAX + 1],
                       char revision[TARGET_REVISION_SIZE]);

/* True for a revision: 16 digits. */
bool target_is_revision(const char *text);

#endif
