/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONF_SUGGEST_H
#define CONF_SUGGEST_H

#include <stddef.h>

#include "conf/settings.h"

/* A suggestion for an unknown name, as the end of a message: "; did you mean \"address\"?", or if
 * no name is similar "; known here are: \"address\", \"token\", …". */

/* For a whole path, such as "vault.adress". */
void suggest_path(const char *path, char *out, size_t size);

/* For a member of an object in the section "secrets" or "pkcs11". `prefix` is the object's path in
 * the section with a '.' at the end, or "". `more` are names, with a space between, that the object
 * takes beyond the settings. */
void suggest_member(const char *section, const char *prefix, const char *name, const char *more,
                    char *out, size_t size);

/* The form that the value of a setting must have, and the word that the `len` bytes of `value`
 * resemble: "one of file, env, vault; did you mean \"vault\"?". Nothing else of `value` is shown:
 * it may be a secret. */
void suggest_value(const struct setting *setting, const char *value, size_t len, char *out,
                   size_t size);

#endif
