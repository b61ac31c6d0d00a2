/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_FIND_H
#define MODULE_FIND_H

#include "module/session/session.h"

/*
 * C_FindObjectsInit (PKCS#11 3.0, 5.7.6). The store is asked here, once, and only for what the
 * template can match: nothing for a class that we never have, one secret for a label, one scope
 * for CKA_SIDESEAT_SCOPE. What it answers stands until the search ends.
 */
CK_RV find_start(const struct caller *caller, const CK_ATTRIBUTE *template, CK_ULONG count);

/* C_FindObjects (5.7.7). Objects that have been destroyed since are passed over. */
CK_RV find_next(const struct caller *caller, CK_OBJECT_HANDLE *handles, CK_ULONG most,
                CK_ULONG *found);

/* C_FindObjectsFinal (5.7.8). */
CK_RV find_finish(const struct caller *caller);

#endif
