/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_AUDIT_H
#define MODULE_AUDIT_H

#include "store/audit.h"
#include "store/backend.h"
#include "store/conf.h"
#include "module/cryptoki.h"

struct token;

/*
 * The module's lines of the audit. A store process writes those about its store; the module writes
 * the others: about stores that it runs itself, values that the cache gives out, and keys.
 */

/* The audit of a token; NULL if its settings name none. NO_MEMORY. */
enum store_err audit_open(struct store_audits *audits, const struct store_conf *conf,
                          struct store_audit **out) STORE_CHECKED;

/* Notes a call to the store, unless the store process has noted it. */
void audit_store(const struct token *token, const char *call, const char *key, enum store_err err);

/* Notes that a caller got a value, or did not (`rv`), unless the store process has noted it. */
void audit_value(const struct token *token, const char *key, const struct store_record *record,
                 CK_RV rv);

/* Notes the use of a key. */
void audit_key(const struct token *token, const char *call, const char *key,
               CK_MECHANISM_TYPE mechanism, bool stale, CK_RV rv);

#endif
