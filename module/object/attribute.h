/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_OBJECT_ATTRIBUTE_H
#define MODULE_OBJECT_ATTRIBUTE_H

#include <stdbool.h>

#include "module/cryptoki.h"
#include "store/secret.h"

/* Templates: arrays of CK_ATTRIBUTE from a host. Only attribute_fill changes them. */

/* Limits: the attributes of a template, and the bytes of CKA_VALUE and of any other attribute.
 * They exceed every real need and reject a bogus length such as -1. */
#define TEMPLATE_MAX ((CK_ULONG)1024)
#define ATTRIBUTE_VALUE_MAX ((CK_ULONG)64 * 1024 * 1024)
#define ATTRIBUTE_OTHER_MAX ((CK_ULONG)64 * 1024)

/* Checks a template that gives values. CKR_ARGUMENTS_BAD for a NULL array, one that is too long
 * or a NULL value with a length; CKR_ATTRIBUTE_VALUE_INVALID for a value that is too long;
 * CKR_TEMPLATE_INCONSISTENT for an attribute that appears twice. Reads no value. */
CK_RV template_check(const CK_ATTRIBUTE *template, CK_ULONG count);

/* The attribute of this type; NULL if there is none. */
const CK_ATTRIBUTE *template_find(const CK_ATTRIBUTE *template, CK_ULONG count,
                                  CK_ATTRIBUTE_TYPE type);

/* Parse a CK_BBOOL or CK_ULONG attribute; CKR_ATTRIBUTE_VALUE_INVALID if it is not one. An
 * absent attribute (NULL) leaves `out` unchanged. */
CK_RV attribute_bool(const CK_ATTRIBUTE *attribute, CK_BBOOL *out);
CK_RV attribute_ulong(const CK_ATTRIBUTE *attribute, CK_ULONG *out);

/* CKR_ATTRIBUTE_VALUE_INVALID unless the attribute is empty or a CK_DATE: digits, with a month
 * and a day that exist. */
CK_RV attribute_date(const CK_ATTRIBUTE *attribute);

/* Copies the bytes; an absent attribute leaves `out` unchanged. */
CK_RV attribute_secret(const CK_ATTRIBUTE *attribute, struct store_secret *out);

/* True if the attribute has these bytes. The time depends only on the lengths. */
bool attribute_equal(const CK_ATTRIBUTE *attribute, const void *data, CK_ULONG len);

/* Fills in one attribute (PKCS#11 3.0, 5.7.5, cases 3 to 5): the length alone, the value, or -1
 * and CKR_BUFFER_TOO_SMALL. With a NULL pointer the incoming length has no meaning. */
CK_RV attribute_fill(CK_ATTRIBUTE *attribute, const void *data, CK_ULONG len);

#endif
