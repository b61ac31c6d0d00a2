/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_ENV_NAME_H
#define BACKENDS_ENV_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include "store/scope.h"

/* How scope keys and names of variables, both without the prefix, become each other. Letters change
 * case as sideseat's do, whatever the locale (store/case.h). */

/* Room for the longest name with its NUL: upper case has up to three times the bytes. */
#define ENV_NAME_SIZE (3 * STORE_KEY_MAX + 1)

/* Writes the variable's name for a key. False if no variable can have it (it holds a '='). */
bool env_name_of_key(const char *key, char out[ENV_NAME_SIZE]);

/* Writes the key that a variable's name (`len` bytes) stands for: the scope, for all but GLOBAL_
 * the id up to the next '_', and the rest as the name. False if it stands for none, or for one
 * whose variable has another name, so that the key would not be found again. */
bool env_key_of_name(const char *name, size_t len, char out[STORE_KEY_MAX + 1]);

#endif
