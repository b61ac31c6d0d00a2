/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_OBJECT_OBJECT_PAIR_H
#define MODULE_OBJECT_OBJECT_PAIR_H

#include "module/object/object.h"
#include "module/session/session.h"

/* Key pairs that the module puts into the store, as secrets that a rule of pkcs11.keys matches. */

/* Finds the secret that a template's CKA_LABEL names: by its scope key, or by the label that its
 * rule gives. CKR_TEMPLATE_INCOMPLETE, CKR_ATTRIBUTE_VALUE_INVALID, and CKR_TEMPLATE_INCONSISTENT,
 * with a line in the log, if no rule matches. */
CK_RV object_pair_secret(struct token *token, const CK_ATTRIBUTE *template, CK_ULONG count,
                         char key[STORE_KEY_MAX + 1]);

/* Checks that the object of this kind (of certificates, with this number), which the secret `key`
 * will have, has the attributes of the template. CKR_ATTRIBUTE_VALUE_INVALID, with a line in the
 * log that names one, if not. */
CK_RV object_pair_check(struct token *token, const char *key, enum object_kind kind,
                        struct pki *pki, unsigned char number, const CK_ATTRIBUTE *template,
                        CK_ULONG count);

/* Stores a private key's text as a new secret, encrypted if its rule names a passphrase, and gives
 * the handles of its objects, the second unless `public` is NULL. The mechanism is as for
 * token_write_new. CKR_SIDESEAT_CONFLICT if the secret exists; what pair_protect gives. */
CK_RV object_pair_store(struct token *token, const char *key, const struct store_secret *text,
                        CK_MECHANISM_TYPE mechanism, CK_OBJECT_HANDLE *private,
                        CK_OBJECT_HANDLE *public);

#endif
