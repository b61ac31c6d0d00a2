/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_OBJECT_TEMPLATE_H
#define MODULE_OBJECT_TEMPLATE_H

#include "module/object/object.h"

/*
 * Compares a template with the attributes that an object can have. A template is honoured or
 * refused: the attributes of a secret on the token are fixed, so a template may only repeat them.
 * There are two exceptions, for common tools: CKA_PRIVATE FALSE counts as TRUE, which makes the
 * object safer, and an empty CKA_APPLICATION counts as absent.
 */

/* Sets the members of `own` that the template gives. The template has passed schema_check.
 * CKR_HOST_MEMORY. */
CK_RV template_apply(const CK_ATTRIBUTE *template, CK_ULONG count, struct session_attributes *own);

/* The same for a session's key, whose type is that of the template or else that of `own`. A key of
 * AES or X25519 neither signs nor verifies, unless the template says so; an AES key encrypts and
 * decrypts if the template permits or forbids nothing: a key that also wraps would give the wrapped
 * key to C_Decrypt. */
CK_RV template_apply_key(const CK_ATTRIBUTE *template, CK_ULONG count,
                         struct session_attributes *own);

/* Checks that an object with the attributes `own` may change as the template says.
 * CKR_ATTRIBUTE_READ_ONLY for a change in the wrong direction. */
CK_RV template_check_change(const CK_ATTRIBUTE *template, CK_ULONG count,
                            const struct session_attributes *own);

/* Checks that `own`, after template_apply, has the attributes of every secret in a store.
 * CKR_ATTRIBUTE_VALUE_INVALID, with a line in the log, if not. */
CK_RV template_check_secret(const struct session_attributes *own);

/* The same for the token key of the secret `key`; the flags of OBJECT_KEPT are free. */
CK_RV template_check_key(const struct session_attributes *own, const char *key);

/* The same for an AES key, whose flags its rule gives; CKA_SENSITIVE FALSE counts as TRUE. */
CK_RV template_check_aes(const struct session_attributes *own, const char *key, uint32_t flags);

/* Checks that `own` and the template can be a session key of `len` bytes. */
CK_RV template_check_session_key(const CK_ATTRIBUTE *template, CK_ULONG count,
                                 const struct session_attributes *own, size_t len);

/* Checks that `own` can be a private key of a session, which no object gives out. */
CK_RV template_check_session_private(const struct session_attributes *own);

/* Parses CKA_LABEL as a scope key. CKR_ATTRIBUTE_VALUE_INVALID, with a line in the log, if it is
 * not one; CKR_TEMPLATE_INCOMPLETE if it is missing. */
CK_RV template_key(const CK_ATTRIBUTE *template, CK_ULONG count, char out[STORE_KEY_MAX + 1]);

/* Copies the text of CKA_SIDESEAT_VERSION; "" if it is missing. */
CK_RV template_version(const CK_ATTRIBUTE *template, CK_ULONG count, char out[STORE_VERSION_SIZE]);

#endif
