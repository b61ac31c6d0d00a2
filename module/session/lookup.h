/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_SESSION_LOOKUP_H
#define MODULE_SESSION_LOOKUP_H

#include "module/object/query.h"
#include "module/session/search.h"
#include "module/session/session.h"
#include "module/token.h"

/* A search in progress, for the files that find objects. */
struct lookup {
    const struct caller *caller;
    struct token *token; /* the caller's */
    const struct query *query;
    struct search *search;
    bool readable; /* the store gave a value */
    CK_RV refused; /* the answer for a damaged or forbidden secret; CKR_OK: there is none */
};

/* True if the search goes on without a secret for which the store gives `err`: the error concerns
 * that secret alone. lookup_end knows of those that are damaged or forbidden. */
bool lookup_passes_over(struct lookup *lookup, enum store_err err);

/* Ends a search for keys: a damaged or forbidden secret is the answer if the store gave no value,
 * since "there are none" would be wrong. */
CK_RV lookup_end(const struct lookup *lookup, CK_RV rv);

/* Adds the object if the template matches it. CKR_HOST_MEMORY for the handle 0. */
CK_RV lookup_pick(struct lookup *lookup, CK_OBJECT_HANDLE handle);

/* Lists the secrets under the prefix, as the store has them now. The caller drops the listing. */
enum store_err lookup_list(struct lookup *lookup, const char *prefix,
                           struct listing **out) STORE_CHECKED;

#endif
