/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_OBJECT_OBJECT_VERSION_H
#define MODULE_OBJECT_OBJECT_VERSION_H

#include "module/object/object_view.h"

/* An OBJECT_VERSION: one version of a secret, as a search for the secret's history found it. */

/* The attributes that only a version has. */
CK_RV object_version_attribute(const struct object_view *view, CK_ATTRIBUTE_TYPE type,
                               struct object_bytes *out);

/* Reads the version's value if `need` names it. CKR_SIDESEAT_NO_VALUE for a deleted or destroyed
 * one. */
CK_RV object_version_load(struct object_view *view, enum object_need need, enum ckr_call call);

/* C_SetAttributeValue: deletes or destroys the secret, or brings the version back. */
CK_RV object_version_set(const struct object_view *subject, const CK_ATTRIBUTE *template,
                         CK_ULONG count);

#endif
