/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_TEMPLATE_H
#define MODULE_TEMPLATE_H

#include "module/object.h"

/*
 * What a template says that a store cannot keep. The attributes of a secret on the token are fixed,
 * so a template may only say what is true anyway. There is one exception: CKA_PRIVATE FALSE, which
 * common tools send unasked, is taken as TRUE, and so are a key's CKA_SENSITIVE FALSE and
 * CKA_ENCRYPT and its like TRUE taken for what a key of ours is: each makes the object safer than
 * asked.
 */

/* Checks the template of a secret that is to be stored. CKR_ATTRIBUTE_VALUE_INVALID, with a line in
 * the log, for one that asks for something else. */
CK_RV template_check_secret(const CK_ATTRIBUTE *template, CK_ULONG count);

/* The same for a key that is to be made in the store. */
CK_RV template_check_key(const CK_ATTRIBUTE *template, CK_ULONG count);

/* The scope key that CKA_LABEL gives, if it is there. CKR_ATTRIBUTE_VALUE_INVALID, with a line in
 * the log, for one that is none; CKR_TEMPLATE_INCOMPLETE if it is missing. */
CK_RV template_key(const CK_ATTRIBUTE *template, CK_ULONG count, char out[STORE_KEY_MAX + 1]);

/* The text of CKA_SIDESEAT_VERSION, "" if it is missing. */
CK_RV template_version(const CK_ATTRIBUTE *template, CK_ULONG count, char out[STORE_VERSION_SIZE]);

/* Sets what the template gives of a session object's attributes, the others staying as they are. */
CK_RV template_to_own(const CK_ATTRIBUTE *template, CK_ULONG count, struct object_own *own);

#endif
