/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_OBJECT_OBJECT_CERTIFICATE_H
#define MODULE_OBJECT_OBJECT_CERTIFICATE_H

#include "module/object/object_view.h"
#include "module/session/session.h"

/* C_CreateObject of a certificate: adds it, in PEM, to the secret that CKA_LABEL names, or to the
 * one that this secret's rule names for certificates. A certificate of the secret's own key comes
 * before the others. CKR_SIDESEAT_CONFLICT if it is there, or another writer comes first. The
 * caller has checked the template's forms. */
CK_RV object_certificate_create(const struct caller *caller, const CK_ATTRIBUTE *template,
                                CK_ULONG count, CK_OBJECT_HANDLE *out);

/* C_DestroyObject of a certificate: takes it out of its secret, and deletes a secret that holds
 * nothing else. */
CK_RV object_certificate_destroy(struct object_view *view);

#endif
