/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_SESSION_FIND_HISTORY_H
#define MODULE_SESSION_FIND_HISTORY_H

#include "module/session/lookup.h"

/* Finds the versions of the query's secret, the newest first: read-only objects of the session,
 * which end with its next such search. CKR_FUNCTION_NOT_SUPPORTED if the store keeps none. */
CK_RV find_history(struct lookup *lookup);

#endif
