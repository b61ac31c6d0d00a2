/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "tools/sideseat-secrets/make.h"
#include "sideseat-pkcs11.h"
#include "tools/sideseat-secrets/status.h"
#include "store/case.h"
#include "store/scope.h"
#include "tools/sideseat-secrets/label.h"

/* What sideseat cannot run without. */
static const char *const required[] = {"global/jwt_signing_key", "global/api_key_secret"};

/* Whether there is a secret of this key that has a value: OK or NOT_FOUND, which is not printed. */
static enum outcome find_value(struct client *client, const char *key)
{
    const CK_OBJECT_CLASS class = CKO_DATA;
    const CK_ATTRIBUTE rows[] = {OBJECT_ROW(CKA_CLASS, &class, sizeof class),
                                 OBJECT_ROW(CKA_LABEL, key, strlen(key))};
    CK_OBJECT_HANDLE object = 0;
    AUTO_SECRET version = {0};
    CK_RV rv;

    STEP(object_find(client, rows, sizeof rows / sizeof rows[0], key, &object));
    rv = object_read(client, object, CKA_SIDESEAT_VERSION, &version);
    if (rv == CKR_SIDESEAT_NO_VALUE)
        return OUTCOME_NOT_FOUND;
    return rv == CKR_OK ? OUTCOME_OK : outcome_of_rv("look up", key, rv);
}

struct ensure {
    struct client client;
    struct print_json json;
    bool as_json;
    bool writing; /* the session can write */
    bool missing; /* something is absent and cannot be made */
    json_t *status;
};

static void ensure_clear(struct ensure *ensure)
{
    json_decref(ensure->status);
    print_json_clear(&ensure->json);
    client_close(&ensure->client);
}

#define AUTO_ENSURE __attribute__((cleanup(ensure_clear))) struct ensure

/* The environment variable for a key: the prefix and the key in upper case, '/' and '-' as '_'. */
static void variable_name(const char *prefix, const char *key, char *out, size_t size)
{
    size_t start = strnlen(prefix, size - 1);

    memcpy(out, prefix, start);
    out[start] = '\0';
    if (!store_case_upper(key, strlen(key), out + start, size - start))
        return;
    for (char *c = out + start; *c != '\0'; c++)
        *c = *c == '/' || *c == '-' ? '_' : *c;
}

static void tell(struct ensure *ensure, const char *key, const char *state, const char *variable)
{
    char shown[LABEL_SIZE];

    if (!ensure->as_json) {
        label_for_output(key, shown);
        if (variable != NULL)
            (void)printf("%s: %s; set the environment variable %s\n", shown, state, variable);
        else
            (void)printf("%s: %s\n", shown, state);
        return;
    }
    (void)yajl_gen_map_open(ensure->json.gen);
    print_json_text(&ensure->json, "key", key);
    print_json_text(&ensure->json, "state", state);
    print_json_text(&ensure->json, "variable", variable);
    (void)yajl_gen_map_close(ensure->json.gen);
}

/* For a store that cannot be written to: says what its owner has to add. */
static enum outcome tell_missing(struct ensure *ensure, const char *key)
{
    char variable[1024] = "";
    char full[STORE_KEY_MAX + 1];
    bool env;

    if (store_scope_complete(key, strlen(key), full) != STORE_OK)
        return object_absent("secret", key, "");
    if (ensure->status == NULL)
        STEP(status_read(&ensure->client, ensure->client.label, &ensure->status));
    env = strcmp(status_text(ensure->status, "backend"), "env") == 0;
    if (env)
        variable_name(status_setting(ensure->status, "env.prefix", "SIDESEAT_SECRET_"), full,
                      variable, sizeof variable);
    tell(ensure, key, "missing", env ? variable : NULL);
    ensure->missing = true;
    return OUTCOME_OK;
}

static enum outcome ensure_one(struct ensure *ensure, const char *key)
{
    enum outcome outcome = find_value(&ensure->client, key);
    CK_OBJECT_HANDLE made = 0;
    CK_RV rv;

    if (outcome == OUTCOME_OK)
        tell(ensure, key, "present", NULL);
    if (outcome != OUTCOME_NOT_FOUND)
        return outcome;
    if (!ensure->writing)
        return tell_missing(ensure, key);
    rv = make_inside(&ensure->client, key, &made);
    if (rv == CKR_OK) {
        tell(ensure, key, "created", NULL);
        return OUTCOME_OK;
    }
    /* Somebody else was faster: theirs is as good. */
    if (rv == CKR_SIDESEAT_CONFLICT && find_value(&ensure->client, key) == OUTCOME_OK) {
        tell(ensure, key, "present", NULL);
        return OUTCOME_OK;
    }
    return outcome_of_rv("generate", key, rv);
}

static enum outcome ensure_connect(struct ensure *ensure, const struct request *request)
{
    CK_SESSION_INFO session;
    CK_TOKEN_INFO token;
    CK_RV rv;

    STEP(client_open(&ensure->client, request, CLIENT_READ));
    rv = ensure->client.p11->C_GetSessionInfo(ensure->client.session, &session);
    if (rv == CKR_OK)
        rv = ensure->client.p11->C_GetTokenInfo(session.slotID, &token);
    if (rv != CKR_OK)
        return outcome_of_rv("use", "the token", rv);
    ensure->writing = (token.flags & CKF_WRITE_PROTECTED) == 0;
    if (ensure->writing)
        return client_connect_slot(&ensure->client, request, session.slotID, CLIENT_WRITE);
    return OUTCOME_OK;
}

enum outcome command_ensure(const struct request *request)
{
    const char *const *keys = request->key_count > 0 ? request->keys : required;
    size_t count =
        request->key_count > 0 ? request->key_count : sizeof required / sizeof required[0];
    AUTO_ENSURE ensure = {.as_json = request->json};

    STEP(ensure_connect(&ensure, request));
    if (request->json) {
        if (!print_json_open(&ensure.json))
            return outcome_no_memory();
        (void)yajl_gen_array_open(ensure.json.gen);
    }
    for (size_t i = 0; i < count; i++)
        STEP(ensure_one(&ensure, keys[i]));
    if (request->json) {
        (void)yajl_gen_array_close(ensure.json.gen);
        STEP(print_json_close(&ensure.json));
    }
    if (!ensure.missing)
        return OUTCOME_OK;
    outcome_print("the store is read-only, and what is missing has to be added where it comes "
                  "from; 32 random bytes in hexadecimal: openssl rand -hex 32");
    return OUTCOME_DENIED;
}
