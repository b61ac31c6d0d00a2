/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_OBJECT_OBJECT_PUBLIC_H
#define MODULE_OBJECT_OBJECT_PUBLIC_H

#include "module/cryptoki.h"
#include "module/pki/private.h"

struct pki;

/*
 * Makes the public key of the type that a template describes (PKCS#11 3.0, mechanisms 2.1.2 and
 * 2.3.3), for a session object. The caller has checked the template's forms and drops `*out`.
 * CKR_TEMPLATE_INCOMPLETE if a part is missing, CKR_TEMPLATE_INCONSISTENT if one belongs to another
 * type of key, CKR_CURVE_NOT_SUPPORTED, CKR_ATTRIBUTE_VALUE_INVALID for bytes that are not a key
 * that this module uses; the log has the reason.
 */
CK_RV object_public_read(const CK_ATTRIBUTE *template, CK_ULONG count, CK_KEY_TYPE type,
                         struct pki **out);

/* Tells whether keys of this type are on a curve; others are RSA. CKR_TEMPLATE_INCONSISTENT, with a
 * line in the log, if the module has no key pairs of this type. */
CK_RV object_public_type(CK_KEY_TYPE type, bool *on_curve);

/* Checks a CKA_PUBLIC_KEY_INFO of the template, empty if it says nothing, against the key (4.9).
 * CKR_TEMPLATE_INCONSISTENT, with a line in the log. */
CK_RV object_public_check_info(const CK_ATTRIBUTE *template, CK_ULONG count, const struct pki *pki);

/* The bytes of a number in a template, without leading zeros; empty if it is absent. */
struct der object_public_number(const CK_ATTRIBUTE *template, CK_ULONG count,
                                CK_ATTRIBUTE_TYPE type);

/* The curve that CKA_EC_PARAMS names. CKR_CURVE_NOT_SUPPORTED, with a line in the log, if it is not
 * one of keys of this type. */
CK_RV object_public_curve(const CK_ATTRIBUTE *template, CK_ULONG count, CK_KEY_TYPE key_type,
                          enum pki_type *type);

#endif
