/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_OBJECT_OBJECT_CREATE_H
#define MODULE_OBJECT_OBJECT_CREATE_H

#include "module/session/session.h"

/* C_CreateObject (PKCS#11 3.0, 5.7.1). A secret whose key exists gets the new value and keeps the
 * time of its creation; CKA_SIDESEAT_VERSION makes that a compare-and-set. */
CK_RV object_create(const struct caller *caller, const CK_ATTRIBUTE *template, CK_ULONG count,
                    CK_OBJECT_HANDLE *out);

/* C_GenerateKey (5.18.1) of CKM_GENERIC_SECRET_KEY_GEN and CKM_AES_KEY_GEN. On the
 * token the key is made in the store, once: a secret that is there already, or cannot be looked at,
 * is left as it is. */
CK_RV object_generate(const struct caller *caller, const CK_MECHANISM *mechanism,
                      const CK_ATTRIBUTE *template, CK_ULONG count, CK_OBJECT_HANDLE *out);

#endif
