/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_QUERY_H
#define MODULE_QUERY_H

#include <stdbool.h>

#include "module/cryptoki.h"
#include "store/scope.h"

struct token;

/* A search template, read: what it asks for, and how little the store need be asked. */
struct query {
    const CK_ATTRIBUTE *template; /* the caller's, for the time of the call */
    CK_ULONG count;

    bool session_objects; /* which objects can match at all */
    bool secrets;
    bool keys;
    bool status;
    bool profile;
    bool exhaustive; /* all that is found with `key` or `prefix` matches, without a further look */
    const CK_ATTRIBUTE *fallback; /* CKA_SIDESEAT_FALLBACK, with the bare name in `key` */

    char key[STORE_KEY_MAX + 1];    /* the one scope key that can match; "" for no such limit */
    char prefix[STORE_KEY_MAX + 1]; /* what every matching key starts with, as listings take it */
};

/* Reads a template. CKR_ARGUMENTS_BAD for NULL pointers, CKR_TEMPLATE_INCONSISTENT and
 * CKR_ATTRIBUTE_VALUE_INVALID for what cannot be meant; a template that nothing matches is fine. */
CK_RV query_read(struct query *query, const CK_ATTRIBUTE *template, CK_ULONG count);

/* The key in the scope at `*at` of the fallback list, which begins at its value and becomes NULL
 * after the last one; "" if the name is no key in that scope, so that the scope cannot have it.
 * CKR_ATTRIBUTE_VALUE_INVALID if that is no scope. */
CK_RV query_fallback_key(const struct query *query, const char **at, char key[STORE_KEY_MAX + 1]);

/* Whether the object matches the template, for a caller whose session is on `token`. An attribute
 * that cannot be read matches nothing, so that a search does not tell what a read would not. The
 * store may be asked for its value. */
CK_RV query_match(const struct query *query, struct token *token, CK_OBJECT_HANDLE handle,
                  bool *matches);

#endif
