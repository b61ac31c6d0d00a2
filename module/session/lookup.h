/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_LOOKUP_H
#define MODULE_LOOKUP_H

#include "module/object/query.h"
#include "module/session/search.h"
#include "module/token.h"

/* A search in progress, for the files that find objects. */
struct lookup {
    struct token *token;
    const struct query *query;
    struct search *search;
};

/* Adds the object if the template matches it. CKR_HOST_MEMORY for the handle 0. */
CK_RV lookup_pick(struct lookup *lookup, CK_OBJECT_HANDLE handle);

/* Lists the secrets under the prefix, as the store has them now. The caller drops the listing. */
enum store_err lookup_list(struct lookup *lookup, const char *prefix,
                           struct listing **out) STORE_CHECKED;

#endif
