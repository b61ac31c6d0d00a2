/* SPDX-License-Identifier: Apache-2.0 */
#include "module/session/find_faces.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "module/ckr.h"
#include "module/object/listing.h"
#include "module/object/object_view.h"
#include "module/pair.h"
#include "store/time.h"

/* The most values that one request asks for. */
#define READ_MOST 100

static bool wants(const struct lookup *lookup, enum object_kind kind)
{
    return (lookup->query->faces & OBJECT_BIT_OF(kind)) != 0;
}

/* The rule that makes objects of the secret; NULL if the query wants none or no rule does. */
static const struct store_conf_rule *rule_of(const struct lookup *lookup, const char *key)
{
    if (lookup->query->faces == 0)
        return NULL;
    return store_conf_rule_find(lookup->token->conf, key);
}

static CK_RV pick_one(struct lookup *lookup, struct object_found *found, enum object_kind kind,
                      unsigned char number)
{
    bool matches = false;
    CK_OBJECT_HANDLE handle;
    CK_RV rv;

    if (!wants(lookup, kind))
        return CKR_OK;
    found->kind = kind;
    found->number = number;
    handle = object_upsert(&lookup->token->objects, found);
    if (handle == 0)
        return CKR_HOST_MEMORY;
    /* never taken unchecked: the label may be another than the key that was looked up */
    rv = query_match(lookup->query, lookup->token, handle, &matches);
    return rv == CKR_OK && matches ? search_pick(lookup->search, handle) : rv;
}

/* Adds the objects of a face. */
static CK_RV pick_face(struct lookup *lookup, struct object_found *found)
{
    const struct pki *pki = found->pki;
    AUTO_RECORD public = {0};
    const struct store_record *record = found->record;
    CK_RV rv = CKR_OK;

    if (pki->has_key)
        rv = pick_one(lookup, found, OBJECT_PRIVATE_KEY, 0);
    /* the others need no value */
    store_record_share(&public, record);
    store_secret_wipe(&public.value);
    found->record = &public;
    found->has_value = false;
    if (rv == CKR_OK && pki->has_key)
        rv = pick_one(lookup, found, OBJECT_PUBLIC_KEY, 0);
    for (size_t i = 0; rv == CKR_OK && i < pki->count; i++)
        rv = pick_one(lookup, found, OBJECT_CERTIFICATE, (unsigned char)i);
    found->record = record;
    return rv;
}

/* The answer for a secret without the key that the search names: a key that is damaged, or whose
 * passphrase is denied, is not absent. One that a PIN or a new passphrase would open is, before the
 * login; a listing goes on to other keys. */
static CK_RV check_named(const struct lookup *lookup, const char *key, const struct pki *pki)
{
    const struct query *query = lookup->query;
    bool named = query->key[0] != '\0' || query->label != NULL;
    CK_RV rv;

    if (pki->has_key || !named || query->secrets || (query->faces & OBJECT_PAIR_KINDS) == 0)
        return CKR_OK;
    rv = pair_fault_answer(lookup->token, key, pki);
    return rv == CKR_FUNCTION_FAILED || rv == CKR_SIDESEAT_MISCONFIGURED ? CKR_OK : rv;
}

CK_RV find_faces_of(struct lookup *lookup, const char *key, const struct store_record *record,
                    int64_t asked_ns)
{
    struct object_found found = {.key = key,
                                 .record = record,
                                 .has_value = record->value.len > 0,
                                 .has_metadata = record->version[0] != '\0',
                                 .asked_ns = asked_ns};
    CK_RV rv;

    if (rule_of(lookup, key) == NULL)
        return CKR_OK;
    lookup->readable = true;
    if (record->value.len == 0) /* from a listing: known by its version */
        found.pki = pair_known(lookup->token, key, record);
    else if ((rv = pair_read(lookup->token, key, record, asked_ns, &found.pki)) != CKR_OK)
        return rv;
    if (found.pki == NULL)
        return CKR_OK;
    rv = check_named(lookup, key, found.pki);
    if (rv == CKR_OK)
        rv = pick_face(lookup, &found);
    pki_drop(found.pki);
    return rv;
}

bool find_faces_recent(struct lookup *lookup, const char *key, CK_RV *rv)
{
    const struct store_record nothing = {0};
    struct object_found found = {
        .key = key, .record = &nothing, .asked_ns = store_time_monotonic()};

    if (rule_of(lookup, key) == NULL)
        return false;
    found.pki = pair_recent(lookup->token, key);
    if (found.pki == NULL)
        return false;
    lookup->readable = true;
    *rv = pick_face(lookup, &found);
    pki_drop(found.pki);
    return true;
}

/* Values that are read together. */
struct batch {
    size_t count;
    char (*keys)[STORE_KEY_MAX + 1];
    struct store_record *records;
    bool *read;
};

static void batch_free(struct batch *batch)
{
    for (size_t i = 0; batch->records != NULL && i < READ_MOST; i++)
        store_record_clear(&batch->records[i]);
    free(batch->keys);
    free(batch->records);
    free(batch->read);
}

static bool batch_new(struct batch *batch)
{
    *batch = (struct batch){.keys = malloc(READ_MOST * sizeof *batch->keys),
                            .records = calloc(READ_MOST, sizeof *batch->records),
                            .read = calloc(READ_MOST, sizeof *batch->read)};
    return batch->keys != NULL && batch->records != NULL && batch->read != NULL;
}

static enum store_err keep_read(void *arg, const char *key, enum store_err err,
                                const struct store_record *record)
{
    struct batch *batch = arg;

    for (size_t i = 0; err == STORE_OK && i < batch->count; i++) {
        if (strcmp(batch->keys[i], key) == 0) {
            store_record_share(&batch->records[i], record);
            batch->read[i] = true;
        }
    }
    return STORE_OK;
}

/* Reads the values, together if the store can, and those that are missing then one by one. */
static enum store_err read_batch(struct lookup *lookup, struct batch *batch)
{
    struct token *token = lookup->token;
    const char *pointers[READ_MOST];

    for (size_t i = 0; i < batch->count; i++)
        pointers[i] = batch->keys[i];
    if (batch->count > 1 && token_reads_many(token))
        (void)!token_read_many(token, pointers, batch->count, keep_read, batch);
    for (size_t i = 0; i < batch->count; i++) {
        enum store_err err = STORE_OK;
        if (!batch->read[i])
            err = token_read(token, batch->keys[i], &batch->records[i]);
        batch->read[i] = err == STORE_OK;
        if (err != STORE_OK && !lookup_passes_over(lookup, err))
            return err;
    }
    return STORE_OK;
}

/* Reads the batch, adds its objects and empties it. */
static CK_RV finish_batch(struct lookup *lookup, struct batch *batch)
{
    int64_t asked_ns = store_time_monotonic();
    enum store_err err = read_batch(lookup, batch);
    CK_RV rv = err == STORE_OK ? CKR_OK : ckr_from_store(CKR_CALL_FIND, err);

    for (size_t i = 0; i < batch->count; i++) {
        if (rv == CKR_OK && batch->read[i])
            rv = find_faces_of(lookup, batch->keys[i], &batch->records[i], asked_ns);
        store_record_clear(&batch->records[i]);
        batch->read[i] = false;
    }
    batch->count = 0;
    return rv;
}

/* Adds the objects of a listed secret, or puts it into the batch if its value is not known. */
static CK_RV take_listed(struct lookup *lookup, CK_OBJECT_HANDLE handle,
                         const struct store_conf_rule *rule, struct batch *batch, int64_t asked_ns)
{
    AUTO_VIEW view;
    const struct store_conf_rule *found;
    struct pki *known = NULL;
    CK_RV rv = CKR_OK;

    if (object_view(lookup->token, handle, &view) != CKR_OK)
        return CKR_OK;
    found = rule_of(lookup, view.key);
    if (found == NULL || (rule != NULL && found != rule))
        return CKR_OK;
    if (view.listing_record && view.has_metadata && !view.has_value)
        known = pair_known(lookup->token, view.key, &view.record);
    pki_drop(known); /* its objects share it */
    if (view.listing_record && (view.has_value || known != NULL))
        return find_faces_of(lookup, view.key, &view.record, asked_ns);
    if (!view.listing_record && find_faces_recent(lookup, view.key, &rv))
        return rv;
    memcpy(batch->keys[batch->count++], view.key, strlen(view.key) + 1);
    return batch->count == READ_MOST ? finish_batch(lookup, batch) : CKR_OK;
}

CK_RV find_faces_listed(struct lookup *lookup, struct listing *listing, int64_t asked_ns,
                        const struct store_conf_rule *rule)
{
    struct batch batch;
    CK_RV rv = CKR_OK;

    if (lookup->query->faces == 0 || store_conf_rule_at(lookup->token->conf, 0) == NULL)
        return CKR_OK;
    if (!batch_new(&batch))
        rv = CKR_HOST_MEMORY;
    for (size_t i = 0; rv == CKR_OK && i < listing->count; i++)
        rv = take_listed(lookup, listing->handles[i], rule, &batch, asked_ns);
    if (rv == CKR_OK && batch.count > 0)
        rv = finish_batch(lookup, &batch);
    batch_free(&batch);
    return rv;
}

/* Adds the objects of one secret. */
static CK_RV find_exact(struct lookup *lookup, const char *key)
{
    AUTO_RECORD record = {0};
    int64_t asked_ns = store_time_monotonic();
    enum store_err err;
    CK_RV rv = CKR_OK;

    if (find_faces_recent(lookup, key, &rv))
        return rv;
    err = token_read(lookup->token, key, &record);
    if (err == STORE_NOT_FOUND)
        object_remove_key(&lookup->token->objects, key, asked_ns);
    if (err != STORE_OK)
        return lookup_passes_over(lookup, err) ? CKR_OK : ckr_from_store(CKR_CALL_FIND, err);
    return find_faces_of(lookup, key, &record, asked_ns);
}

/* The prefix of all keys that a pattern matches, for a listing: the whole parts before the star, at
 * most a scope and an id. */
static void prefix_of(const char *pattern, char out[STORE_KEY_MAX + 1])
{
    size_t star = strcspn(pattern, "*");
    size_t end = 0;
    unsigned parts = 0;

    for (size_t i = 0; i < star && parts < 2; i++) {
        if (pattern[i] == '/') {
            end = i + 1;
            parts = pattern[0] == 'g' ? 2 : parts + 1; /* global/ is followed by a name */
        }
    }
    memcpy(out, pattern, end);
    out[end] = '\0';
}

static bool starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Adds the objects of the secrets that a pattern matches. */
static CK_RV find_pattern(struct lookup *lookup, const struct store_conf_rule *rule)
{
    const char *wanted = lookup->query->prefix;
    int64_t asked_ns = store_time_monotonic();
    struct listing *listing;
    char prefix[STORE_KEY_MAX + 1];
    enum store_err err;
    CK_RV rv;

    prefix_of(rule->pattern, prefix);
    if (!starts_with(prefix, wanted) && !starts_with(wanted, prefix))
        return CKR_OK;
    err = lookup_list(lookup, strlen(wanted) > strlen(prefix) ? wanted : prefix, &listing);
    if (err != STORE_OK)
        return ckr_from_store(CKR_CALL_FIND, err);
    rv = find_faces_listed(lookup, listing, asked_ns, rule);
    listing_drop(listing);
    return rv;
}

CK_RV find_faces(struct lookup *lookup)
{
    const struct store_conf *conf = lookup->token->conf;
    const struct store_conf_rule *rule;
    CK_RV rv = CKR_OK;

    for (size_t i = 0;
         rv == CKR_OK && lookup->query->faces != 0 && (rule = store_conf_rule_at(conf, i)) != NULL;
         i++) {
        if (strchr(rule->pattern, '*') != NULL)
            rv = find_pattern(lookup, rule);
        else if (starts_with(rule->pattern, lookup->query->prefix) &&
                 store_conf_rule_find(conf, rule->pattern) == rule)
            rv = find_exact(lookup, rule->pattern);
    }
    return rv;
}

/* Adds the certificate of a chain whose label the template has: that of the key, '#' and a digit.
 */
static CK_RV find_numbered(struct lookup *lookup)
{
    const CK_ATTRIBUTE *label = lookup->query->label;
    const char *text = label->pValue;
    CK_ULONG len = label->ulValueLen;
    char key[STORE_KEY_MAX + 1];

    if (!wants(lookup, OBJECT_CERTIFICATE) || len < 3 || text[len - 2] != '#' ||
        text[len - 1] < '1' || text[len - 1] > '9')
        return CKR_OK;
    len -= 2;
    if (store_scope_complete(text, len, key) == STORE_OK && rule_of(lookup, key) != NULL)
        return find_exact(lookup, key);
    return CKR_OK;
}

/* True if the template's label is the one that the rule gives, or of one of its certificates. */
static bool is_labelled(const struct query *query, const struct store_conf_rule *rule)
{
    char numbered[STORE_RULE_LABEL_MAX + 3];

    if (rule->label[0] == '\0')
        return false;
    if (query_has_label(query, rule->label))
        return true;
    for (int i = 1; i < PKI_CERTIFICATES_MAX; i++) {
        snprintf(numbered, sizeof numbered, "%s#%d", rule->label, i);
        if (query_has_label(query, numbered))
            return true;
    }
    return false;
}

/* As find_faces_labelled, where the template has a label and the configuration has rules. The
 * lookup then knows of a damaged or forbidden secret. */
static CK_RV find_labelled(struct lookup *lookup)
{
    const struct query *whole = lookup->query;
    struct query query = *whole;
    const struct store_conf_rule *rule;
    CK_RV rv = CKR_OK;

    query.faces = query.labelled_faces;
    lookup->query = &query;
    for (size_t i = 0; rv == CKR_OK && (rule = store_conf_rule_at(lookup->token->conf, i)) != NULL;
         i++)
        /* the search for the key itself finds the objects of a rule for it */
        if (strcmp(rule->pattern, query.key) != 0 && is_labelled(&query, rule))
            rv = find_exact(lookup, rule->pattern);
    if (rv == CKR_OK)
        rv = find_numbered(lookup);
    lookup->query = whole;
    return rv;
}

CK_RV find_faces_labelled(struct lookup *lookup)
{
    if (lookup->query->labelled_faces == 0 || store_conf_rule_at(lookup->token->conf, 0) == NULL)
        return CKR_OK;
    return find_labelled(lookup);
}
