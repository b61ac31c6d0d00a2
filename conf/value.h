/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONF_VALUE_H
#define CONF_VALUE_H

#include "conf/conf.h"

/* True for UTF-8 without control characters and so without NUL, which can be kept as a string and
 * logged. */
bool conf_text_valid(const char *text, size_t len);

/* Makes a value of the set from `len` bytes of text. BAD_CONF if the setting does not accept it
 * (not logged: the caller knows its place); NO_MEMORY. `*out` changes on success only. */
enum store_err conf_value_make(struct store_conf_set *set, const struct setting *setting,
                               const char *text, size_t len, const char *origin,
                               const struct conf_value **out) STORE_CHECKED;

/* Frees all values of the set and wipes its secrets. */
void conf_values_free(struct store_conf_set *set);

/* The static name of an encoding, "hex", "base64" or "raw"; NULL if there is none of that name. */
const char *conf_encoding_find(const char *name, size_t len);

/* Adds a full key or a bare name to a list, unless the list has it already. `encoding` is NULL for
 * a list without encodings. BAD_CONF (not logged) for an invalid key or encoding, for a key that
 * the list has with another encoding, and for a full list (CONF_KEYS_MAX). */
enum store_err conf_list_add(struct conf_list *list, const char *key, size_t len,
                             const char *encoding) STORE_CHECKED;

/* As conf_list_add, for `KEY` or, if the setting has encodings, `KEY:ENCODING` (default: hex). Zero
 * bytes mean an empty list, which is not the same as an unset one. */
enum store_err conf_list_add_text(struct conf_list *list, const struct setting *setting,
                                  const char *text, size_t len) STORE_CHECKED;

/* Empties the list and sets the origin of the keys to come. */
enum store_err conf_list_begin(struct conf_list *list, const char *origin) STORE_CHECKED;
void conf_list_free(struct conf_list *list);

/* The set's list for a setting; NULL if the setting is not a list. */
struct conf_list *conf_list_of(struct store_conf_set *set, const struct setting *setting);

#endif
