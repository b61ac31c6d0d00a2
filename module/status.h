/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_STATUS_H
#define MODULE_STATUS_H

#include "module/cryptoki.h"
#include "store/secret.h"

struct token;

/* Writes the JSON text of CKA_SIDESEAT_STATUS: the backend, why it is this one, its settings with
 * the origin of each (a secret one without its value), and its health, for which the store may be
 * asked. */
CK_RV status_describe(struct token *token, struct store_secret *out);

#endif
