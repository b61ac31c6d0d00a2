/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_SESSION_FIND_H
#define MODULE_SESSION_FIND_H

#include "module/session/session.h"

/*
 * C_FindObjectsInit (PKCS#11 3.0, 5.7.7). This call alone asks the store, and only for the secrets
 * that the template can match: none for a foreign class, one for a label, one scope for
 * CKA_SIDESEAT_SCOPE. The answer stands until the search ends.
 */
CK_RV find_start(const struct caller *caller, const CK_ATTRIBUTE *template, CK_ULONG count);

/* C_FindObjects (5.7.8). Skips objects that have been destroyed since. */
CK_RV find_next(const struct caller *caller, CK_OBJECT_HANDLE *handles, CK_ULONG most,
                CK_ULONG *found);

/* C_FindObjectsFinal (5.7.9). */
CK_RV find_finish(const struct caller *caller);

#endif
