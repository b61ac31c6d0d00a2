/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/requirement.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sideseat-pkcs11.h"
#include "store/base64.h"
#include "store/hex.h"
#include "tools/sideseat-secrets/encode.h"
#include "tools/sideseat-secrets/make.h"
#include "tools/sideseat-secrets/member.h"

/* How many random values are tried, one of which has to fit the form. */
#define DRAWS 256

void requirement_free(struct requirements *requirements)
{
    free(requirements->all);
    json_decref(requirements->document);
    memset(requirements, 0, sizeof *requirements);
}

enum outcome requirement_of_keys(struct requirements *out, const char *const *keys, size_t count)
{
    out->all = calloc(count + 1, sizeof *out->all);
    if (out->all == NULL)
        return outcome_no_memory();
    for (size_t i = 0; i < count; i++)
        out->all[i] = (struct requirement){.key = keys[i], .most = SIZE_MAX, .inside = true};
    out->count = count;
    return OUTCOME_OK;
}

/* Begins a use of a key that is not read, and ends it: the module knows the form of an HMAC key,
 * and of an AES key that may encrypt, decrypt or wrap. */
static CK_RV try_use(struct client *client, CK_OBJECT_HANDLE object)
{
    unsigned char iv[16] = {0};
    CK_MECHANISM hmac = {CKM_SHA256_HMAC, NULL, 0};
    CK_MECHANISM cbc = {CKM_AES_CBC, iv, sizeof iv};
    CK_MECHANISM wrap = {CKM_AES_KEY_WRAP, NULL, 0};
    const struct {
        CK_MECHANISM *mechanism;
        CK_C_SignInit begin; /* the functions of encryption have the same types */
        CK_C_SignFinal end;
    } uses[] = {
        {&hmac, client->p11->C_SignInit, client->p11->C_SignFinal},
        {&cbc, client->p11->C_EncryptInit, client->p11->C_EncryptFinal},
        {&cbc, client->p11->C_DecryptInit, client->p11->C_DecryptFinal},
    };
    unsigned char bytes[64] = {0};
    CK_ULONG len = sizeof bytes;
    CK_RV rv;

    for (size_t i = 0; i < sizeof uses / sizeof uses[0]; i++) {
        len = sizeof bytes;
        rv = uses[i].begin(client->session, uses[i].mechanism, object);
        if (rv == CKR_OK)
            (void)uses[i].end(client->session, bytes, &len);
        if (rv != CKR_KEY_FUNCTION_NOT_PERMITTED)
            return rv;
    }
    /* no such key wraps itself, so the answer is one of that or about its form */
    rv = client->p11->C_WrapKey(client->session, &wrap, object, object, bytes, &len);
    return rv == CKR_KEY_UNEXTRACTABLE || rv == CKR_KEY_FUNCTION_NOT_PERMITTED ? CKR_OK : rv;
}

/* A key that is used without being read. */
static enum outcome check_inside(const struct requirement *requirement, struct client *client)
{
    const CK_OBJECT_CLASS class = CKO_SECRET_KEY;
    const CK_ATTRIBUTE rows[] = {OBJECT_ROW(CKA_CLASS, &class, sizeof class),
                                 OBJECT_ROW(CKA_LABEL, requirement->key, strlen(requirement->key))};
    CK_OBJECT_HANDLE object = 0;
    enum outcome outcome = object_find(client, rows, 2, requirement->key, &object);
    CK_RV rv;

    if (outcome == OUTCOME_NOT_FOUND)
        return OUTCOME_OK; /* no program uses it as a key, so any value has the right form */
    STEP(outcome);
    rv = try_use(client, object);
    if (rv == CKR_OK)
        return OUTCOME_OK;
    outcome = outcome_of_rv("use", requirement->key, rv);
    return rv == CKR_KEY_SIZE_RANGE ? OUTCOME_DAMAGED : outcome;
}

static bool has_form(const struct requirement *requirement, const struct store_secret *value)
{
    const char *text = (const char *)value->data;
    AUTO_SECRET bytes = {0};

    switch (requirement->form) {
    case REQUIREMENT_HEX:
        return store_hex_decode(text, value->len, &bytes) == STORE_OK;
    case REQUIREMENT_BASE64:
        return store_base64_decode(text, value->len, &bytes) == STORE_OK ||
               decode_base64url(&bytes, text, value->len) == STORE_OK;
    case REQUIREMENT_TEXT:
        return print_is_text(value);
    default:
        return true;
    }
}

/* False also without memory for the expression. */
static bool has_pattern(const char *pattern, const struct store_secret *value)
{
    AUTO_SECRET text = {0};
    regmatch_t match;
    regex_t regex;
    bool found;

    if (store_secret_append(&text, value->data, value->len) != STORE_OK ||
        store_secret_append(&text, "", 1) != STORE_OK ||
        regcomp(&regex, pattern, REG_EXTENDED) != 0)
        return false;
    found = memchr(value->data, '\0', value->len) == NULL &&
            regexec(&regex, (const char *)text.data, 1, &match, 0) == 0 && match.rm_so == 0 &&
            (size_t)match.rm_eo == value->len;
    regfree(&regex);
    return found;
}

/* The member of the manifest that the value does not fit; NULL: it fits all. */
static const char *misfit(const struct requirement *requirement, const struct store_secret *value)
{
    if (!has_form(requirement, value))
        return "form";
    if (value->len < requirement->least || value->len > requirement->most)
        return "length";
    if (requirement->pattern != NULL && !has_pattern(requirement->pattern, value))
        return "pattern";
    return NULL;
}

/* Prints what is wrong with the value, never a part of it. */
static enum outcome check_value(const struct requirement *requirement,
                                const struct store_secret *value)
{
    static const char *const forms[] = {"", "hexadecimal", "base64", "printable text"};
    const char *member = misfit(requirement, value);

    if (member == NULL)
        return OUTCOME_OK;
    if (strcmp(member, "form") == 0)
        outcome_print("%s is malformed: it is not %s", requirement->key, forms[requirement->form]);
    else if (strcmp(member, "length") == 0)
        outcome_print("%s is malformed: it has %zu bytes", requirement->key, value->len);
    else
        outcome_print("%s is malformed: it does not match %s", requirement->key,
                      requirement->pattern);
    return OUTCOME_DAMAGED;
}

static bool reads_value(const struct requirement *requirement)
{
    return requirement->form != REQUIREMENT_ANY || requirement->least > 0 ||
           requirement->most < SIZE_MAX || requirement->pattern != NULL;
}

/* KEY#FIELD, where no secret has that key. */
static enum outcome check_field(const struct requirement *requirement, struct client *client,
                                struct requirement_state *state)
{
    char owner[LABEL_SIZE];
    const char *field = object_field(requirement->key, owner);
    CK_OBJECT_HANDLE object = 0;
    AUTO_SECRET value = {0};
    CK_RV rv;

    if (field == NULL)
        return OUTCOME_NOT_FOUND;
    STEP(object_find_data(client, owner, &object));
    state->field = true;
    rv = object_read(client, object, CKA_VALUE, &value);
    if (rv != CKR_OK)
        return outcome_of_rv("look up", owner, rv);
    STEP(member_pick(owner, field, &value));
    return check_value(requirement, &value);
}

enum outcome requirement_check(const struct requirement *requirement, struct client *client,
                               struct requirement_state *state)
{
    bool value = reads_value(requirement);
    CK_OBJECT_HANDLE object = 0;
    AUTO_SECRET bytes = {0};
    enum outcome outcome;
    CK_RV rv;

    *state = (struct requirement_state){.field = false};
    outcome = object_find_data(client, requirement->key, &object);
    if (outcome == OUTCOME_NOT_FOUND)
        return check_field(requirement, client, state);
    STEP(outcome);
    rv = object_read(client, object, value ? CKA_VALUE : CKA_SIDESEAT_VERSION, &bytes);
    if (rv == CKR_SIDESEAT_NO_VALUE)
        return OUTCOME_NOT_FOUND;
    state->unchecked = value && rv == CKR_ATTRIBUTE_SENSITIVE;
    if (state->unchecked)
        return check_inside(requirement, client);
    if (rv != CKR_OK)
        return outcome_of_rv("look up", requirement->key, rv);
    return value ? check_value(requirement, &bytes) : check_inside(requirement, client);
}

enum outcome requirement_draw(const struct requirement *requirement, struct store_secret *out,
                              const char **member)
{
    for (int i = 0; i < DRAWS; i++) {
        *member = NULL;
        store_secret_wipe(out);
        STEP(random_text(requirement->alphabet, requirement->length, out));
        *member = misfit(requirement, out);
        if (*member == NULL)
            return OUTCOME_OK;
    }
    store_secret_wipe(out);
    return OUTCOME_USAGE;
}

enum outcome requirement_make(const struct requirement *requirement, struct client *client,
                              CK_RV *rv)
{
    CK_OBJECT_HANDLE object = 0;
    AUTO_SECRET value = {0};
    const char *member = NULL;
    enum outcome outcome;

    if (requirement->inside) {
        *rv = make_inside(client, requirement->key, &object);
        return OUTCOME_OK;
    }
    outcome = requirement_draw(requirement, &value, &member);
    if (member != NULL)
        outcome_print("cannot generate %s: its generate and its %s contradict each other in the "
                      "manifest",
                      requirement->key, member);
    STEP(outcome);
    *rv = make_secret(client, requirement->key, &value, "0", &object);
    return OUTCOME_OK;
}
