/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONF_RULE_DOCUMENT_H
#define CONF_RULE_DOCUMENT_H

#include "conf/conf.h"
#include "core/json.h"

/* Reads pkcs11.keys of a configuration file: a list of keys, patterns and objects. What the
 * arguments gave is more important and stays; the file's rules are checked all the same. */
void rules_read(struct conf_reader *reader, const char *file, const char *origin,
                struct json_value json);

#endif
