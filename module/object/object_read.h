/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_OBJECT_OBJECT_READ_H
#define MODULE_OBJECT_OBJECT_READ_H

#include "module/session/session.h"

/* C_GetAttributeValue (PKCS#11 3.0, 5.7.5). A read that follows a length query of the same
 * session returns the sized value, once, within a minute; with the times or the version only if
 * the length query named these as well. */
CK_RV object_get_attributes(const struct caller *caller, CK_OBJECT_HANDLE handle,
                            CK_ATTRIBUTE *template, CK_ULONG count);

/* C_GetObjectSize (5.7.4): the bytes of the value and the key or label. */
CK_RV object_get_size(const struct caller *caller, CK_OBJECT_HANDLE handle, CK_ULONG *size);

#endif
