/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_OBJECT_QUERY_H
#define MODULE_OBJECT_QUERY_H

#include <stdbool.h>

#include "module/cryptoki.h"
#include "module/object/object.h"
#include "store/scope.h"

struct token;

/* A parsed search template, and the least that the store must be asked for. */
struct query {
    const CK_ATTRIBUTE *template; /* the caller's; valid during the call */
    CK_ULONG count;

    bool session_objects; /* the kinds of object that can match */
    bool secrets;
    bool keys;
    unsigned faces;            /* of OBJECT_FACES_KINDS: key pairs and certificates */
    unsigned labelled_faces;   /* as `faces`, even if `label` is not a scope key; 0 without one */
    const CK_ATTRIBUTE *label; /* CKA_LABEL, which may be one that the configuration gives */
    bool status;
    bool profile;
    bool history;    /* CKA_SIDESEAT_HISTORY: the versions of the secret `key`, and nothing else */
    bool exhaustive; /* everything under `key` or `prefix` matches, so no object needs a check */
    const CK_ATTRIBUTE *fallback; /* CKA_SIDESEAT_FALLBACK, with the bare name in `key` */

    char key[STORE_KEY_MAX + 1];    /* the only key that can match; "": no limit */
    char prefix[STORE_KEY_MAX + 1]; /* the prefix of every matching key, as for a listing */
};

/* Parses a template. CKR_ARGUMENTS_BAD for NULL pointers, CKR_TEMPLATE_INCONSISTENT and
 * CKR_ATTRIBUTE_VALUE_INVALID for a contradictory or malformed one; a template that matches
 * nothing is fine. */
CK_RV query_read(struct query *query, const CK_ATTRIBUTE *template, CK_ULONG count);

/* Gives the key in the scope at `*at` of the fallback list and advances `*at`, which starts at
 * the list's value and becomes NULL after the last scope. "" if the name is not a valid key in
 * that scope. CKR_ATTRIBUTE_VALUE_INVALID if the text there is not a scope. */
CK_RV query_fallback_key(const struct query *query, const char **at, char key[STORE_KEY_MAX + 1]);

/* True if the label in the template is `text`. */
bool query_has_label(const struct query *query, const char *text);

/* Tells whether the object matches the template, for a caller whose session is on `token`. An
 * unreadable attribute matches nothing, so a search reveals no more than a read. May read the
 * value from the store. */
CK_RV query_match(const struct query *query, struct token *token, CK_OBJECT_HANDLE handle,
                  bool *matches);

#endif
