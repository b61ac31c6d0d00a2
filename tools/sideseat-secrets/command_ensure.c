/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "tools/sideseat-secrets/commands.h"
#include "tools/sideseat-secrets/option.h"
#include "tools/sideseat-secrets/requirement.h"
#include "sideseat-pkcs11.h"
#include "tools/sideseat-secrets/status.h"
#include "store/case.h"
#include "store/scope.h"
#include "tools/sideseat-secrets/label.h"

/* What sideseat cannot run without. */
static const char *const required[] = {"global/jwt_signing_key", "global/api_key_secret"};

struct ensure {
    struct client client;
    struct print_json json;
    struct requirements requirements;
    bool as_json;
    bool making;        /* what is absent and can be made */
    bool writing;       /* the session can write */
    bool missing;       /* a secret that a random one would do for is absent, and cannot be made */
    enum outcome first; /* failure of a secret, while the others are looked at */
    struct requirement_state state; /* of the secret at hand */
    json_t *status;
};

static void ensure_clear(struct ensure *ensure)
{
    json_decref(ensure->status);
    requirement_free(&ensure->requirements);
    print_json_clear(&ensure->json);
    client_close(&ensure->client);
}

#define AUTO_ENSURE __attribute__((cleanup(ensure_clear))) struct ensure

/* The environment variable for a key, behind the prefix. */
static void variable_name(const char *prefix, const char *key, char *out, size_t size)
{
    size_t start = strnlen(prefix, size - 1);

    memcpy(out, prefix, start);
    out[start] = '\0';
    if (!store_case_variable(key, out + start, size - start))
        out[start] = '\0';
}

static void tell(struct ensure *ensure, const struct requirement *requirement, const char *state,
                 const char *variable)
{
    char shown[LABEL_SIZE];

    if (ensure->as_json) {
        (void)yajl_gen_map_open(ensure->json.gen);
        print_json_text(&ensure->json, "key", requirement->key);
        print_json_text(&ensure->json, "state", state);
        print_json_text(&ensure->json, "variable", variable);
        print_json_text(&ensure->json, "form", ensure->state.unchecked ? "unchecked" : NULL);
        print_json_text(&ensure->json, "description", requirement->description);
        (void)yajl_gen_map_close(ensure->json.gen);
        return;
    }
    label_for_output(requirement->key, shown);
    (void)printf("%s: %s", shown, state);
    if (ensure->state.unchecked)
        (void)printf("; its value is not given out, so its form is unchecked");
    if (variable != NULL)
        (void)printf("; set the environment variable %s", variable);
    if (requirement->description != NULL && strcmp(state, "missing") == 0) {
        label_for_output(requirement->description, shown);
        (void)printf(" (%s)", shown);
    }
    (void)putchar('\n');
}

static void note(struct ensure *ensure, enum outcome outcome)
{
    if (ensure->first == OUTCOME_OK)
        ensure->first = outcome;
}

/* For a secret that stays absent: says what its owner has to add. */
static enum outcome tell_missing(struct ensure *ensure, const struct requirement *requirement)
{
    const char *key = requirement->key;
    char variable[1024] = "";
    char full[STORE_KEY_MAX + 1];
    bool env;

    if (store_scope_complete(key, strlen(key), full) != STORE_OK)
        return object_absent("secret", key, "");
    if (ensure->status == NULL)
        STEP(status_read(&ensure->client, ensure->client.label, &ensure->status));
    env = ensure->status != NULL && strcmp(status_text(ensure->status, "backend"), "env") == 0;
    if (env)
        variable_name(status_setting(ensure->status, "env.prefix", "SIDESEAT_SECRET_"), full,
                      variable, sizeof variable);
    if (env && strchr(full, '=') != NULL) {
        outcome_print("%s cannot be in the environment, as the name of a variable has no '='",
                      full);
        env = false;
    }
    tell(ensure, requirement, "missing", env ? variable : NULL);
    if (requirement->optional)
        return OUTCOME_OK;
    ensure->missing = ensure->missing || (ensure->making && requirement->inside);
    note(ensure, ensure->making && !ensure->writing ? OUTCOME_DENIED : OUTCOME_NOT_FOUND);
    return OUTCOME_OK;
}

/* Makes an absent secret, if that was asked for and the manifest says how. */
static enum outcome make_missing(struct ensure *ensure, const struct requirement *requirement)
{
    bool can = !ensure->state.field && (requirement->inside || requirement->alphabet != NULL);
    CK_RV rv = CKR_OK;

    if (!ensure->making || !ensure->writing || !can)
        return tell_missing(ensure, requirement);
    STEP(requirement_make(requirement, &ensure->client, &rv));
    if (rv == CKR_OK) {
        tell(ensure, requirement, "created", NULL);
        return OUTCOME_OK;
    }
    /* Somebody else was faster: theirs is as good. */
    if (rv == CKR_SIDESEAT_CONFLICT &&
        requirement_check(requirement, &ensure->client, &ensure->state) == OUTCOME_OK) {
        tell(ensure, requirement, "present", NULL);
        return OUTCOME_OK;
    }
    return outcome_of_rv("generate", requirement->key, rv);
}

static enum outcome ensure_one(struct ensure *ensure, const struct requirement *requirement)
{
    enum outcome outcome = requirement_check(requirement, &ensure->client, &ensure->state);

    switch (outcome) {
    case OUTCOME_OK:
        tell(ensure, requirement, "present", NULL);
        return OUTCOME_OK;
    case OUTCOME_NOT_FOUND:
        return make_missing(ensure, requirement);
    case OUTCOME_DAMAGED:
    case OUTCOME_DENIED:
        tell(ensure, requirement, outcome == OUTCOME_DENIED ? "denied" : "malformed", NULL);
        note(ensure, outcome);
        return OUTCOME_OK;
    default:
        return outcome;
    }
}

/* Finds out whether the client's token can be written to, and gets a session for that. */
static enum outcome take_token(struct ensure *ensure, const struct request *request)
{
    CK_TOKEN_INFO token;
    CK_RV rv = ensure->client.p11->C_GetTokenInfo(ensure->client.slot, &token);

    if (rv != CKR_OK)
        return outcome_of_rv("use", "the token", rv);
    ensure->writing = (token.flags & CKF_WRITE_PROTECTED) == 0;
    if (ensure->writing && ensure->making)
        return client_connect_slot(&ensure->client, request, ensure->client.slot, CLIENT_WRITE);
    return OUTCOME_OK;
}

/* Turns to the token of one of several keys, of which URIs may name others. */
static enum outcome turn_to(struct ensure *ensure, const struct request *request, size_t index)
{
    CK_SLOT_ID before = ensure->client.slot;

    STEP(client_use(&ensure->client, request, &request->uris[index], CLIENT_READ));
    if (ensure->client.slot != before) {
        json_decref(ensure->status);
        ensure->status = NULL;
    }
    return take_token(ensure, request);
}

/* Looks at all secrets, each in its token. */
static enum outcome ensure_all(struct ensure *ensure, const struct request *request)
{
    bool by_uri = false;

    for (size_t i = 0; i < request->key_count; i++)
        by_uri = by_uri || request->uris[i].parsed != NULL;
    for (size_t i = 0; i < ensure->requirements.count; i++) {
        if (by_uri && i > 0)
            STEP(turn_to(ensure, request, i));
        STEP(ensure_one(ensure, &ensure->requirements.all[i]));
    }
    return OUTCOME_OK;
}

/* The manifest, the keys of the request, the manifest in the configuration file, or the keys that
 * sideseat needs. */
static enum outcome take_requirements(struct ensure *ensure, const struct request *request,
                                      const char *manifest)
{
    if (manifest != NULL && request->key_count > 0) {
        outcome_print("either a manifest or keys, not both");
        return OUTCOME_USAGE;
    }
    if (manifest != NULL)
        return requirement_read(&ensure->requirements, manifest);
    if (request->key_count > 0)
        return requirement_of_keys(&ensure->requirements, request->keys, request->key_count);
    STEP(requirement_find(&ensure->requirements));
    if (ensure->requirements.all != NULL)
        return OUTCOME_OK;
    return requirement_of_keys(&ensure->requirements, required,
                               sizeof required / sizeof required[0]);
}

static enum outcome run(struct ensure *ensure, const struct request *request, const char *manifest)
{
    enum outcome outcome;

    STEP(take_requirements(ensure, request, manifest));
    STEP(client_open(&ensure->client, request, CLIENT_READ));
    STEP(take_token(ensure, request));
    if (request->json) {
        if (!print_json_open(&ensure->json))
            return outcome_no_memory();
        (void)yajl_gen_array_open(ensure->json.gen);
    }
    outcome = ensure_all(ensure, request);
    if (request->json) {
        (void)yajl_gen_array_close(ensure->json.gen);
        STEP(print_json_close(&ensure->json));
    }
    STEP(outcome);
    if (ensure->missing)
        outcome_print("the store is read-only, and what is missing has to be added where it comes "
                      "from; 32 random bytes in hexadecimal: openssl rand -hex 32");
    return ensure->first;
}

enum outcome command_ensure(const struct request *request)
{
    AUTO_ENSURE ensure = {.as_json = request->json, .making = true};

    return run(&ensure, request, option_text(request, OPTION_MANIFEST));
}

enum outcome command_check(const struct request *request)
{
    AUTO_ENSURE ensure = {.as_json = request->json};

    return run(&ensure, request, request->places[0]);
}
