/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_OBJECT_OBJECT_DERIVED_H
#define MODULE_OBJECT_OBJECT_DERIVED_H

#include "module/object/object_view.h"
#include "module/session/session.h"

/* Secret keys of a session that come from another key. */

/* Checks a template before the other key is used, and gives its CKA_VALUE_LEN, 0 without one.
 * CKR_TEMPLATE_INCONSISTENT, with a line in the log, for a key that would not be a session's. */
CK_RV object_derived_check(const CK_ATTRIBUTE *template, CK_ULONG count, CK_ULONG *len);

/* Makes the key with the contents of `value`. Its history is that of `base`, the key that it comes
 * from (PKCS#11 3.0, mechanisms 2.3.9): no key has always been sensitive, or never extractable, if
 * that has not; nor is one that was outside, for which `base` is NULL. */
CK_RV object_derived_publish(const struct caller *caller, const struct object_view *base,
                             const CK_ATTRIBUTE *template, CK_ULONG count,
                             struct store_secret *value, CK_OBJECT_HANDLE *out);

#endif
