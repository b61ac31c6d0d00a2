/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_FIND_H
#define MODULE_FIND_H

#include "module/cryptoki.h"

struct lib;

/* An active search: what it found, and how far C_FindObjects has come. */
struct find;

void find_free(struct find *find); /* accepts NULL */

/*
 * C_FindObjectsInit (PKCS#11 3.0, 5.7.6). The store is asked here, once, and only for what the
 * template can match: nothing for a class that we never have, one secret for a label, one scope
 * for CKA_SIDESEAT_SCOPE. What it answers stands until the search ends.
 */
CK_RV find_start(struct lib *lib, CK_SESSION_HANDLE session, const CK_ATTRIBUTE *template,
                 CK_ULONG count);

/* C_FindObjects (5.7.7). Objects that have been destroyed since are passed over. */
CK_RV find_next(struct lib *lib, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *handles,
                CK_ULONG most, CK_ULONG *found);

/* C_FindObjectsFinal (5.7.8). */
CK_RV find_finish(struct lib *lib, CK_SESSION_HANDLE session);

#endif
