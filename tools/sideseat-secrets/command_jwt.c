/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tools/sideseat-secrets/commands.h"
#include "tools/sideseat-secrets/encode.h"
#include "tools/sideseat-secrets/input.h"
#include "tools/sideseat-secrets/json_fault.h"
#include "tools/sideseat-secrets/jwk.h"
#include "tools/sideseat-secrets/number.h"
#include "tools/sideseat-secrets/option.h"
#include "tools/sideseat-secrets/signing.h"

/* The payload is signed as it was given, but for white space around it. */
static void trim(struct store_secret *text)
{
    static const char space[] = " \t\r\n";
    size_t start = 0;
    size_t end = text->len;

    while (start < end && memchr(space, text->data[start], sizeof space - 1) != NULL)
        start++;
    while (end > start && memchr(space, text->data[end - 1], sizeof space - 1) != NULL)
        end--;
    AUTO_SECRET part = {0};
    store_secret_slice(&part, text, start, end - start);
    store_secret_move(text, &part);
}

/* True if the payload is an object; `empty` and the claims that it has already are told. */
static enum outcome check_payload(const struct request *request, const struct store_secret *payload,
                                  bool *empty)
{
    static const struct {
        int option;
        const char *claim;
    } claims[] = {{OPTION_EXP, "exp"}, {OPTION_IAT, "iat"}};
    const char *text = payload->len > 0 ? (const char *)payload->data : "";
    enum outcome outcome = OUTCOME_OK;
    json_error_t error;
    json_t *json = json_loadb(text, payload->len, JSON_REJECT_DUPLICATES, &error);

    if (!json_is_object(json)) {
        outcome_print("standard input is not a JSON object: line %d, column %d: %s",
                      json == NULL ? error.line : 1, json == NULL ? error.column : 1,
                      json == NULL ? json_fault(&error) : "a token's payload begins with '{'");
        json_decref(json);
        return OUTCOME_USAGE;
    }
    *empty = json_object_size(json) == 0;
    for (size_t i = 0; i < sizeof claims / sizeof claims[0]; i++) {
        if (!option_given(request, claims[i].option) ||
            json_object_get(json, claims[i].claim) == NULL)
            continue;
        outcome_print("the payload has %s already; leave out --%s", claims[i].claim,
                      claims[i].claim);
        outcome = OUTCOME_USAGE;
    }
    json_decref(json);
    return outcome;
}

/* Adds "iat" and "exp" at the end of the object, whose other bytes stay as they are. */
static enum outcome add_claims(const struct request *request, struct store_secret *payload,
                               bool empty)
{
    const char *life = option_text(request, OPTION_EXP);
    uint64_t now = (uint64_t)time(NULL);
    char claims[96] = "";
    char expiry[40] = "";
    unsigned char *bytes = NULL;
    uint64_t seconds = 0;

    if (life != NULL && (!number_parse_time(life, &seconds) || seconds == 0)) {
        outcome_print("--exp takes a time such as 90s, 15m, 2h or 30d, not '%s'", life);
        return OUTCOME_USAGE;
    }
    if (life != NULL)
        (void)snprintf(expiry, sizeof expiry, "\"exp\":%" PRIu64, now + seconds);
    if (option_given(request, OPTION_IAT))
        (void)snprintf(claims, sizeof claims, "\"iat\":%" PRIu64 "%s%s", now,
                       life == NULL ? "" : ",", expiry);
    else
        (void)snprintf(claims, sizeof claims, "%s", expiry);
    if (claims[0] == '\0')
        return OUTCOME_OK;
    if (store_secret_resize(payload, payload->len - 1, &bytes) != STORE_OK ||
        (!empty && store_secret_append(payload, ",", 1) != STORE_OK) ||
        store_secret_append(payload, claims, strlen(claims)) != STORE_OK ||
        store_secret_append(payload, "}", 1) != STORE_OK)
        return outcome_no_memory();
    return OUTCOME_OK;
}

static enum outcome read_payload(const struct request *request, struct store_secret *payload)
{
    bool empty = false;

    STEP(input_read(payload));
    trim(payload);
    STEP(check_payload(request, payload, &empty));
    return add_claims(request, payload, empty);
}

/* --header NAME=VALUE */
static enum outcome add_member(json_t *header, const char *text)
{
    const char *equals = strchr(text, '=');
    char *name;
    bool fresh;

    if (equals == NULL || equals == text) {
        outcome_print("--header takes NAME=VALUE");
        return OUTCOME_USAGE;
    }
    name = strndup(text, (size_t)(equals - text));
    if (name == NULL)
        return outcome_no_memory();
    fresh = strcmp(name, "alg") != 0 && strcmp(name, "kid") != 0;
    if (fresh && json_object_set_new(header, name, json_string(equals + 1)) != 0)
        fresh = false;
    if (!fresh)
        outcome_print("--header cannot set %s: the algorithm has --algorithm, the key's id --kid, "
                      "and the rest is UTF-8",
                      name);
    free(name);
    if (fresh)
        return OUTCOME_OK;
    return OUTCOME_USAGE;
}

/* The "kid" of --kid, or that under which `jwks` shows the key pair; none for an HMAC key. */
static enum outcome add_id(struct client *client, const struct request *request,
                           const struct signing *signing, json_t *header)
{
    const char *id = option_text(request, OPTION_KID);
    json_t *jwk = NULL;
    enum outcome outcome = OUTCOME_OK;

    if (id != NULL && json_object_set_new(header, "kid", json_string(id)) != 0) {
        outcome_print("--kid is not UTF-8");
        return OUTCOME_USAGE;
    }
    if (id != NULL || signing->algorithm->key_type == CKK_GENERIC_SECRET)
        return OUTCOME_OK;
    STEP(jwk_of_key(client, request, 0, &jwk));
    if (json_object_set(header, "kid", json_object_get(jwk, "kid")) != 0)
        outcome = outcome_no_memory();
    json_decref(jwk);
    return outcome;
}

/* RFC 7515, section 4.1: {"alg":"HS256","typ":"JWT"} and the members of the options. */
static enum outcome make_header(struct client *client, const struct request *request,
                                const struct signing *signing, json_t *header)
{
    if (json_object_set_new(header, "alg", json_string(signing->algorithm->jws)) != 0 ||
        json_object_set_new(header, "typ", json_string("JWT")) != 0)
        return outcome_no_memory();
    STEP(add_id(client, request, signing, header));
    for (size_t i = 0; i < request->option_count; i++)
        if (request->options[i].key == OPTION_HEADER)
            STEP(add_member(header, request->options[i].text));
    return OUTCOME_OK;
}

/* RFC 7515, section 7.1: BASE64URL(header) "." BASE64URL(payload) "." BASE64URL(signature) */
static enum store_err jwt_input(const char *header, const struct store_secret *payload,
                                struct store_secret *out)
{
    AUTO_SECRET bytes = {0};

    TRY(store_secret_append(&bytes, header, strlen(header)));
    TRY(encode_base64url(out, &bytes));
    TRY(store_secret_append(out, ".", 1));
    return encode_base64url(out, payload);
}

/* Appends the encoded header and payload, with the '.' between them. */
static enum outcome jwt_begin(struct client *client, const struct request *request,
                              const struct signing *signing, const struct store_secret *payload,
                              struct store_secret *token)
{
    json_t *header = json_object();
    enum outcome outcome =
        header == NULL ? outcome_no_memory() : make_header(client, request, signing, header);
    char *text = NULL;

    if (outcome == OUTCOME_OK) {
        text = json_dumps(header, JSON_COMPACT);
        if (text == NULL || jwt_input(text, payload, token) != STORE_OK)
            outcome = outcome_no_memory();
    }
    free(text);
    json_decref(header);
    return outcome;
}

static enum store_err jwt_end(struct store_secret *token, const struct store_secret *signature)
{
    TRY(store_secret_append(token, ".", 1));
    return encode_base64url(token, signature);
}

enum outcome command_jwt(const struct request *request)
{
    AUTO_CLIENT client = {0};
    AUTO_SECRET payload = {0};
    AUTO_SECRET token = {0};
    AUTO_SECRET signature = {0};
    struct signing signing = {0};

    STEP(client_open(&client, request, CLIENT_READ));
    STEP(read_payload(request, &payload));
    STEP(signing_find(&client, request, SIGNING_SIGNS, &signing));
    STEP(jwt_begin(&client, request, &signing, &payload, &token));
    STEP(signing_begin(&client, request, &signing));
    STEP(signing_add(&client, request, token.data, token.len));
    STEP(signing_end(&client, request, &signing, &signature));
    if (jwt_end(&token, &signature) != STORE_OK)
        return outcome_no_memory();
    if (request->json)
        return print_json_alone_bytes("token", &token);
    STEP(print_bytes(token.data, token.len));
    return print_bytes("\n", 1);
}
