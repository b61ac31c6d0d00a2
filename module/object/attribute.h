/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_ATTRIBUTE_H
#define MODULE_ATTRIBUTE_H

#include <stdbool.h>

#include "module/cryptoki.h"
#include "store/secret.h"

/* Templates: arrays of CK_ATTRIBUTE that a host gives. They are read, never changed. */

/* How many attributes a template may have, in bytes how long CKA_VALUE and how long any other: more
 * than anybody needs, and less than a length that was never one, such as -1. */
#define TEMPLATE_MAX ((CK_ULONG)1024)
#define ATTRIBUTE_VALUE_MAX ((CK_ULONG)64 * 1024 * 1024)
#define ATTRIBUTE_OTHER_MAX ((CK_ULONG)64 * 1024)

/* CKR_ARGUMENTS_BAD for a NULL array, one that is too long or a NULL value with a length,
 * CKR_ATTRIBUTE_VALUE_INVALID for a value that is too long, CKR_TEMPLATE_INCONSISTENT for an
 * attribute that is there twice: for templates that are given, not asked for. No value is read. */
CK_RV template_check(const CK_ATTRIBUTE *template, CK_ULONG count);

/* The attribute of this type; NULL if there is none. */
const CK_ATTRIBUTE *template_find(const CK_ATTRIBUTE *template, CK_ULONG count,
                                  CK_ATTRIBUTE_TYPE type);

/* The value of a CK_BBOOL or CK_ULONG attribute; CKR_ATTRIBUTE_VALUE_INVALID if it is none. An
 * absent attribute (NULL) leaves `out` as it is. */
CK_RV attribute_bool(const CK_ATTRIBUTE *attribute, CK_BBOOL *out);
CK_RV attribute_ulong(const CK_ATTRIBUTE *attribute, CK_ULONG *out);

/* CKR_ATTRIBUTE_VALUE_INVALID unless it is empty or a CK_DATE, in digits, of a month and a day. */
CK_RV attribute_date(const CK_ATTRIBUTE *attribute);

/* A copy of the bytes; an absent attribute leaves `out` as it is. */
CK_RV attribute_secret(const CK_ATTRIBUTE *attribute, struct store_secret *out);

/* Whether the attribute's bytes are these. In time that depends on the lengths only. */
bool attribute_equal(const CK_ATTRIBUTE *attribute, const void *data, CK_ULONG len);

#endif
