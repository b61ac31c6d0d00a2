/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_OBJECT_OBJECT_PRIVATE_H
#define MODULE_OBJECT_OBJECT_PRIVATE_H

#include "module/session/session.h"

/* C_CreateObject of a private key (5.7.1; 2.1.3 and 2.3.4 of the mechanisms). On the token the key
 * is stored as a new secret, in PEM; a secret that exists stays as it is. The caller has checked
 * the template's forms. The errors are those of object_public_read. */
CK_RV object_private_create(const struct caller *caller, const CK_ATTRIBUTE *template,
                            CK_ULONG count, bool token, CK_OBJECT_HANDLE *out);

#endif
