/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONF_DOCUMENT_H
#define CONF_DOCUMENT_H

#include "conf/conf.h"

/* Reads the sections "secrets" and "pkcs11" of a configuration file's text over what reader->files
 * and the set hold: a setting replaces the same setting, a list or the tokens as a whole replace
 * those before, and the lists that the arguments gave stay. `file` is for messages and origins;
 * `exposed` says that others can read it, which is a warning if it holds a secret. */
void document_read(struct conf_reader *reader, const char *file, bool exposed,
                   const struct store_secret *text);

#endif
