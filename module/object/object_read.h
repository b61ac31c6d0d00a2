/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_OBJECT_READ_H
#define MODULE_OBJECT_READ_H

#include "module/session/session.h"

/* C_GetAttributeValue (PKCS#11 3.0, 5.7.5). The read of a value that follows a length query of the
 * same session gives the bytes that were measured, once, for a minute; with the times or the
 * version beside it only if the length query named these as well. */
CK_RV object_get_attributes(const struct caller *caller, CK_OBJECT_HANDLE handle,
                            CK_ATTRIBUTE *template, CK_ULONG count);

/* Fills in what C_GetAttributeValue was asked for (PKCS#11 3.0, 5.7.5, cases 3 to 5): the length
 * alone, the value, or -1 and CKR_BUFFER_TOO_SMALL. The length that comes in with a NULL pointer
 * means nothing. */
CK_RV attribute_give(CK_ATTRIBUTE *attribute, const void *data, CK_ULONG len);

/* C_GetObjectSize (5.7.4): the bytes of the value and the key or label. */
CK_RV object_get_size(const struct caller *caller, CK_OBJECT_HANDLE handle, CK_ULONG *size);

#endif
