/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_STATUS_H
#define MODULE_STATUS_H

#include "module/cryptoki.h"
#include "store/secret.h"

struct token;

/* Writes the JSON text of CKA_SIDESEAT_STATUS: the backend and the reason for its choice, each
 * setting with its origin (a secret setting without its value), and the store's health. May call
 * the store. */
CK_RV status_describe(struct token *token, struct store_secret *out);

#endif
