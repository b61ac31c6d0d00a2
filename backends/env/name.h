/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_ENV_NAME_H
#define BACKENDS_ENV_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include "store/scope.h"

/* Converts scope keys to names of variables, both without the prefix, and back. Letters change case
 * as sideseat's do, in any locale (store/case.h). */

/* Room for the longest name with its NUL: upper case has up to three times the bytes. */
#define ENV_NAME_SIZE (3 * STORE_KEY_MAX + 1)

/* Writes the variable's name for a key. False if a variable cannot have it (it contains a '='). */
bool env_name_of_key(const char *key, char out[ENV_NAME_SIZE]);

/* Writes the key of a variable's name (`len` bytes): the scope, for all but GLOBAL_ the id up to
 * the next '_', and the rest as the name. False if the name has no key, or its key has another
 * variable, so that the key would not be found again. */
bool env_key_of_name(const char *name, size_t len, char out[STORE_KEY_MAX + 1]);

#endif
