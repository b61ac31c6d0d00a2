/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_STATUS_H
#define MODULE_STATUS_H

#include <stdbool.h>

#include "module/cryptoki.h"
#include "store/secret.h"

struct token;

/* Writes the JSON text of CKA_SIDESEAT_STATUS: the backend and the reason for its choice, each
 * setting with its origin (a secret setting without its value), and the store's health. May call
 * the store. `closely`: that of CKA_SIDESEAT_DIAGNOSIS, which has the findings as well. */
CK_RV status_describe(struct token *token, bool closely, struct store_secret *out);

#endif
