/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONF_VALUE_H
#define CONF_VALUE_H

#include "conf/conf.h"

/* Whether it is UTF-8 without control characters, so without NUL: it can be kept as a string and
 * logged. */
bool conf_text_valid(const char *text, size_t len);

/* Makes a value of the set from `len` bytes of text. BAD_CONF (not logged: the caller knows where
 * it stands) if the setting does not take it; NO_MEMORY. `*out` is changed on success only. */
enum store_err conf_value_make(struct store_conf_set *set, const struct setting *setting,
                               const char *text, size_t len, const char *origin,
                               const struct conf_value **out) STORE_CHECKED;

/* Frees all values of the set and wipes its secrets. */
void conf_values_free(struct store_conf_set *set);

/* Adds a key, given as a full one or as a bare name, to a list. `encoding` is NULL for a list that
 * has none. A key that is in the list already is not added again. BAD_CONF (not logged) if it is no
 * scope key or no encoding, if the list has the key with another one, or CONF_KEYS_MAX keys. */
enum store_err conf_list_add(struct conf_list *list, const char *key, size_t len,
                             const char *encoding) STORE_CHECKED;

/* As conf_list_add, for `KEY` or, where the setting has encodings, `KEY:ENCODING` (hex if not
 * said). Zero bytes are an empty list, which is not the same as none. */
enum store_err conf_list_add_text(struct conf_list *list, const struct setting *setting,
                                  const char *text, size_t len) STORE_CHECKED;

/* Empties the list and says where what follows comes from. */
enum store_err conf_list_begin(struct conf_list *list, const char *origin) STORE_CHECKED;
void conf_list_free(struct conf_list *list);

/* The set's list for a setting; NULL if the setting is none. */
struct conf_list *conf_list_of(struct store_conf_set *set, const struct setting *setting);

#endif
