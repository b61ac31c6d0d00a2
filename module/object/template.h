/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_TEMPLATE_H
#define MODULE_TEMPLATE_H

#include "module/object/object.h"

/*
 * What a template says, held against what an object can be. A template is honoured or refused: the
 * attributes of a secret on the token are fixed, so it may only say what is true anyway. There are
 * two exceptions, which common tools send unasked: CKA_PRIVATE FALSE is taken as TRUE, which makes
 * the object safer than asked, and an empty CKA_APPLICATION as none.
 */

/* Sets what the template gives of `own`, the rest staying as it is. The template has passed
 * schema_check. CKR_HOST_MEMORY. */
CK_RV template_apply(const CK_ATTRIBUTE *template, CK_ULONG count, struct session_attributes *own);

/* Whether an object that is `own` may become what the template says. CKR_ATTRIBUTE_READ_ONLY for an
 * attribute that changes in one direction only, and not in this one. */
CK_RV template_check_change(const CK_ATTRIBUTE *template, CK_ULONG count,
                            const struct session_attributes *own);

/* Whether `own`, on which a template has been applied, is what each secret in a store is.
 * CKR_ATTRIBUTE_VALUE_INVALID, with a line in the log, if it is something else. */
CK_RV template_check_secret(const struct session_attributes *own);

/* The same for the key in a store of the secret `key`; OBJECT_KEPT is free. */
CK_RV template_check_key(const struct session_attributes *own, const char *key);

/* Whether `own` can be a session key of `len` bytes, as the template has it too. */
CK_RV template_check_session_key(const CK_ATTRIBUTE *template, CK_ULONG count,
                                 const struct session_attributes *own, size_t len);

/* The scope key that CKA_LABEL gives, if it is there. CKR_ATTRIBUTE_VALUE_INVALID, with a line in
 * the log, for one that is none; CKR_TEMPLATE_INCOMPLETE if it is missing. */
CK_RV template_key(const CK_ATTRIBUTE *template, CK_ULONG count, char out[STORE_KEY_MAX + 1]);

/* The text of CKA_SIDESEAT_VERSION, "" if it is missing. */
CK_RV template_version(const CK_ATTRIBUTE *template, CK_ULONG count, char out[STORE_VERSION_SIZE]);

#endif
