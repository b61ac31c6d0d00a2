/* SPDX-License-Identifier: Apache-2.0 */
#include "module/object/query.h"

#include <stdio.h>
#include <string.h>

#include "module/audit.h"
#include "module/object/attribute.h"
#include "module/object/object_view.h"

static const CK_ATTRIBUTE *part(const struct query *query, CK_ATTRIBUTE_TYPE type)
{
    return template_find(query->template, query->count, type);
}

/* True if the query is for an object that each token has and no store. */
static bool is_fixed(const struct query *query)
{
    return query->status || query->profile;
}

static void match_nothing_of_token(struct query *query)
{
    query->secrets = false;
    query->keys = false;
    query->faces = 0;
    query->status = false;
    query->profile = false;
}

/* Limits the query to one scope key, or to none if another attribute has named a different one. */
static void limit_to_key(struct query *query, const char *key)
{
    if (query->key[0] == '\0')
        memcpy(query->key, key, strlen(key) + 1); /* fits: it is a scope key */
    else if (strcmp(query->key, key) != 0)
        match_nothing_of_token(query);
}

/* The kinds of key pairs and certificates that a class means. */
static unsigned faces_of(CK_OBJECT_CLASS class)
{
    switch (class) {
    case CKO_PRIVATE_KEY:
        return OBJECT_BIT_OF(OBJECT_PRIVATE_KEY);
    case CKO_PUBLIC_KEY:
        return OBJECT_BIT_OF(OBJECT_PUBLIC_KEY);
    case CKO_CERTIFICATE:
        return OBJECT_BIT_OF(OBJECT_CERTIFICATE);
    default:
        return 0;
    }
}

/* CKA_CLASS and CKA_TOKEN say which kinds of object can match. */
static CK_RV read_kinds(struct query *query)
{
    const CK_ATTRIBUTE *class = part(query, CKA_CLASS);
    CK_OBJECT_CLASS value = 0;
    CK_BBOOL token = CK_TRUE;
    CK_RV rv = attribute_ulong(class, &value);

    if (rv == CKR_OK)
        rv = attribute_bool(part(query, CKA_TOKEN), &token);
    if (rv != CKR_OK)
        return rv;
    query->secrets = class == NULL || value == CKO_DATA;
    query->keys = class == NULL || value == CKO_SECRET_KEY;
    query->faces = class == NULL ? OBJECT_FACES_KINDS : faces_of(value);
    query->status = class != NULL && value == CKO_SIDESEAT_STATUS;
    query->profile = class != NULL ? value == CKO_PROFILE : part(query, CKA_PROFILE_ID) != NULL;
    query->session_objects =
        query->secrets || query->keys || (query->faces & OBJECT_PAIR_KINDS) != 0;
    if (!token)
        match_nothing_of_token(query);
    else if (part(query, CKA_TOKEN) != NULL)
        query->session_objects = false;
    return CKR_OK;
}

/* CKA_LABEL is the scope key of a secret, and a bare name is global. */
static void read_label(struct query *query)
{
    const CK_ATTRIBUTE *label = part(query, CKA_LABEL);
    char key[STORE_KEY_MAX + 1];

    if (label == NULL || query->fallback != NULL || is_fixed(query))
        return;
    query->label = label;
    query->labelled_faces = query->faces;
    if (label->ulValueLen > 0 &&
        store_scope_complete(label->pValue, label->ulValueLen, key) == STORE_OK)
        limit_to_key(query, key);
    else
        match_nothing_of_token(query);
}

/* CKA_UNIQUE_ID is words such as "data", a colon and the scope key. */
static void read_unique_id(struct query *query)
{
    const CK_ATTRIBUTE *id = part(query, CKA_UNIQUE_ID);
    const char *text = id == NULL ? NULL : id->pValue;
    const char *colon =
        id == NULL || id->ulValueLen == 0 ? NULL : memchr(text, ':', id->ulValueLen);
    char key[STORE_KEY_MAX + 1];
    size_t len;

    if (id == NULL || is_fixed(query))
        return;
    if (colon == NULL) {
        match_nothing_of_token(query);
        return;
    }
    len = id->ulValueLen - (size_t)(colon + 1 - text);
    if (len == 0 || store_scope_complete(colon + 1, len, key) != STORE_OK)
        match_nothing_of_token(query);
    else
        limit_to_key(query, key);
}

/* CKA_SIDESEAT_SCOPE and _SCOPE_ID make a prefix, with _NAME a whole key. */
static void read_scope(struct query *query)
{
    const CK_ATTRIBUTE *scope = part(query, CKA_SIDESEAT_SCOPE);
    const CK_ATTRIBUTE *id = part(query, CKA_SIDESEAT_SCOPE_ID);
    const CK_ATTRIBUTE *name = part(query, CKA_SIDESEAT_NAME);
    char words[2 * STORE_KEY_MAX + 2];
    bool with_id = id != NULL && id->ulValueLen > 0;
    int len;

    if (scope == NULL)
        return;
    if (scope->ulValueLen > STORE_KEY_MAX || scope->ulValueLen == 0 ||
        memchr(scope->pValue, '/', scope->ulValueLen) != NULL ||
        memchr(scope->pValue, '\0', scope->ulValueLen) != NULL ||
        (with_id &&
         (id->ulValueLen > STORE_KEY_MAX || memchr(id->pValue, '\0', id->ulValueLen) != NULL))) {
        match_nothing_of_token(query);
        return;
    }
    len = snprintf(words, sizeof words, "%.*s%s%.*s", (int)scope->ulValueLen,
                   (const char *)scope->pValue, with_id ? "/" : "",
                   with_id ? (int)id->ulValueLen : 0, with_id ? (const char *)id->pValue : "");
    if (len < 0 || store_scope_prefix(words, (size_t)len, query->prefix) != STORE_OK) {
        match_nothing_of_token(query);
        return;
    }
    if (name != NULL && name->ulValueLen > 0 && name->ulValueLen <= STORE_KEY_MAX &&
        (with_id || strcmp(query->prefix, "global/") == 0)) {
        len = snprintf(words, sizeof words, "%s%.*s", query->prefix, (int)name->ulValueLen,
                       (const char *)name->pValue);
        if (len < 0 || store_scope_parse(words, (size_t)len, NULL) != STORE_OK)
            match_nothing_of_token(query);
        else
            limit_to_key(query, words);
    }
}

CK_RV query_fallback_key(const struct query *query, const char **at, char key[STORE_KEY_MAX + 1])
{
    const char *end = (const char *)query->fallback->pValue + query->fallback->ulValueLen;
    const char *comma = memchr(*at, ',', (size_t)(end - *at));
    const char *stop = comma == NULL ? end : comma;
    char whole[2 * STORE_KEY_MAX + 2];
    char prefix[STORE_KEY_MAX + 1];

    if (store_scope_prefix(*at, (size_t)(stop - *at), prefix) != STORE_OK)
        return CKR_ATTRIBUTE_VALUE_INVALID;
    snprintf(whole, sizeof whole, "%s%s", prefix, query->key);
    key[0] = '\0';
    if (store_scope_parse(whole, strlen(whole), NULL) == STORE_OK)
        snprintf(key, STORE_KEY_MAX + 1, "%.*s", STORE_KEY_MAX, whole);
    *at = comma == NULL ? NULL : comma + 1;
    return CKR_OK;
}

/* Checks every scope of the list, though the search may end at the first, and that the name is a
 * key in at least one of them. */
static CK_RV check_fallback(const struct query *query)
{
    const char *at = query->fallback->pValue;
    char key[STORE_KEY_MAX + 1];
    CK_RV rv = query->fallback->ulValueLen == 0 ? CKR_ATTRIBUTE_VALUE_INVALID : CKR_OK;
    bool any = false;

    while (rv == CKR_OK && at != NULL) {
        rv = query_fallback_key(query, &at, key);
        any = any || (rv == CKR_OK && key[0] != '\0');
    }
    return rv == CKR_OK && !any ? CKR_ATTRIBUTE_VALUE_INVALID : rv;
}

/* CKA_SIDESEAT_FALLBACK goes with a bare name in CKA_LABEL, which may have a '/'. */
static CK_RV read_fallback(struct query *query)
{
    const CK_ATTRIBUTE *label = part(query, CKA_LABEL);

    query->fallback = part(query, CKA_SIDESEAT_FALLBACK);
    if (query->fallback == NULL)
        return CKR_OK;
    if (label == NULL)
        return CKR_TEMPLATE_INCONSISTENT;
    if (label->ulValueLen == 0 || label->ulValueLen > STORE_KEY_MAX ||
        memchr(label->pValue, '\0', label->ulValueLen) != NULL)
        return CKR_ATTRIBUTE_VALUE_INVALID;
    snprintf(query->key, sizeof query->key, "%.*s", (int)label->ulValueLen,
             (const char *)label->pValue);
    query->session_objects = false;
    return check_fallback(query);
}

/* CKA_SIDESEAT_HISTORY goes with attributes that name one secret. */
static CK_RV read_history(struct query *query)
{
    const CK_ATTRIBUTE *history = part(query, CKA_SIDESEAT_HISTORY);
    bool data = query->secrets;

    if (history == NULL)
        return CKR_OK;
    if (!attribute_equal(history, "1", 1))
        return CKR_ATTRIBUTE_VALUE_INVALID;
    if (query->fallback != NULL ||
        (query->key[0] == '\0' && part(query, CKA_LABEL) == NULL &&
         part(query, CKA_UNIQUE_ID) == NULL && part(query, CKA_SIDESEAT_NAME) == NULL))
        return CKR_TEMPLATE_INCONSISTENT;
    match_nothing_of_token(query);
    query->session_objects = false;
    query->history = data && query->key[0] != '\0';
    return CKR_OK;
}

/* True if every object under the key or the prefix matches the attribute. */
static bool is_covered(const struct query *query, const CK_ATTRIBUTE *attribute)
{
    switch (attribute->type) {
    case CKA_CLASS:
    case CKA_TOKEN:
        return true;
    case CKA_LABEL:
    case CKA_SIDESEAT_FALLBACK:
        return !is_fixed(query);
    case CKA_SIDESEAT_SCOPE: /* by the prefix, unused if there is one key */
        return query->key[0] == '\0';
    case CKA_SIDESEAT_SCOPE_ID: /* an empty one is not part of a prefix */
        return query->key[0] == '\0' && part(query, CKA_SIDESEAT_SCOPE) != NULL &&
               attribute->ulValueLen > 0;
    default:
        return false;
    }
}

CK_RV query_read(struct query *query, const CK_ATTRIBUTE *template, CK_ULONG count)
{
    CK_RV rv = template_check(template, count);

    memset(query, 0, offsetof(struct query, key)); /* but not the arrays, which are large */
    query->template = template;
    query->count = count;
    query->exhaustive = true;
    query->key[0] = '\0';
    query->prefix[0] = '\0';
    if (rv == CKR_OK)
        rv = read_kinds(query);
    if (rv == CKR_OK)
        rv = read_fallback(query);
    if (rv != CKR_OK)
        return rv;
    read_label(query);
    read_unique_id(query);
    read_scope(query);
    rv = read_history(query);
    for (CK_ULONG i = 0; i < count; i++)
        if (!is_covered(query, &template[i]))
            query->exhaustive = false;
    return rv;
}

bool query_has_label(const struct query *query, const char *text)
{
    return query->label != NULL && attribute_equal(query->label, text, (CK_ULONG)strlen(text));
}

/* True if the configuration gives the object another label than the scope key. */
static bool has_own_label(const struct object_view *view)
{
    struct object_bytes bytes;

    return object_attribute(view, CKA_LABEL, &bytes) == CKR_OK && bytes.data != view->key;
}

/* True if the object matches one attribute. A label matches an object of the token if its
 * completed form is the key. */
static bool match_one(const struct query *query, const struct object_view *view,
                      const CK_ATTRIBUTE *attribute)
{
    struct object_bytes bytes;
    bool labelled = object_shows_face(view->kind) && query->fallback == NULL &&
                    attribute->type == CKA_LABEL && has_own_label(view);

    if (view->key[0] != '\0' && !labelled &&
        (attribute->type == CKA_LABEL || attribute->type == CKA_SIDESEAT_FALLBACK))
        return query->fallback != NULL || strcmp(query->key, view->key) == 0;
    return object_attribute(view, attribute->type, &bytes) == CKR_OK &&
           attribute_equal(attribute, bytes.data, bytes.len);
}

/* True if the object matches all attributes that need a part of it, or all that need none. */
static bool match_all(const struct query *query, const struct object_view *view, bool needing)
{
    for (CK_ULONG i = 0; i < query->count; i++) {
        enum object_need need = object_need(view, query->template[i].type);
        if ((need != OBJECT_NEED_NOTHING) == needing &&
            !match_one(query, view, &query->template[i]))
            return false;
    }
    return true;
}

CK_RV query_match(const struct query *query, struct token *token, CK_OBJECT_HANDLE handle,
                  bool *matches)
{
    AUTO_VIEW view;
    enum object_need need = OBJECT_NEED_NOTHING;
    CK_RV rv = object_view(token, handle, &view);

    /* the store is asked only if all else matches */
    *matches = rv == CKR_OK && (view.kind != OBJECT_VERSION || query->history) &&
               match_all(query, &view, false);
    for (CK_ULONG i = 0; *matches && i < query->count; i++)
        need |= object_need(&view, query->template[i].type);
    if (*matches && need != OBJECT_NEED_NOTHING) {
        rv = object_view_load(&view, need, CKR_CALL_FIND);
        if (rv == CKR_OK && view.kind == OBJECT_SECRET &&
            template_find(query->template, query->count, CKA_VALUE) != NULL)
            audit_value(token, view.key, &view.record, CKR_OK); /* a guess is confirmed or not */
        *matches = rv == CKR_OK && match_all(query, &view, true);
    }
    /* a secret that is gone or has no value yet does not match a value */
    return rv == CKR_OBJECT_HANDLE_INVALID || rv == CKR_SIDESEAT_NO_VALUE ? CKR_OK : rv;
}
