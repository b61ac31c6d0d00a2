/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_OBJECT_OBJECT_CHANGE_H
#define MODULE_OBJECT_OBJECT_CHANGE_H

#include "module/session/session.h"

/* C_CopyObject (PKCS#11 3.0, 5.7.2). A secret that is there already is not replaced, unless the
 * template names its version. */
CK_RV object_copy(const struct caller *caller, CK_OBJECT_HANDLE handle,
                  const CK_ATTRIBUTE *template, CK_ULONG count, CK_OBJECT_HANDLE *out);

/* C_SetAttributeValue (5.7.6). A secret that is gone is not made again. */
CK_RV object_set_attributes(const struct caller *caller, CK_OBJECT_HANDLE handle,
                            const CK_ATTRIBUTE *template, CK_ULONG count);

/* C_DestroyObject (5.7.3). */
CK_RV object_destroy(const struct caller *caller, CK_OBJECT_HANDLE handle);

#endif
