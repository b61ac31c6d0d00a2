/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <jansson.h>
#include <string.h>
#include <unistd.h>

#include "tools/sideseat-secrets/encode.h"
#include "tools/sideseat-secrets/input.h"
#include "tools/sideseat-secrets/object.h"

/* Long enough for any HMAC there is. */
#define SIGNATURE_MAX 64

/* Finds the signing key, or prints that there is none. */
static enum outcome find_key(struct client *client, const struct request *request,
                             CK_OBJECT_HANDLE *out)
{
    enum outcome outcome = object_find_asked(client, request, 0, CKO_SECRET_KEY, out);

    if (outcome != OUTCOME_NOT_FOUND)
        return outcome;
    return object_absent("signing key", request->keys[0],
                         ": either there is no such secret, or pkcs11.hmac_keys does not list it "
                         "(sideseat.json(5))");
}

/* Begins a signature with the key of the request. */
static enum outcome sign_begin(struct client *client, const struct request *request)
{
    CK_MECHANISM mechanism = {request->algorithm->mechanism, NULL, 0};
    CK_OBJECT_HANDLE key = 0;
    CK_RV rv;

    STEP(find_key(client, request, &key));
    rv = client->p11->C_SignInit(client->session, &mechanism, key);
    return rv == CKR_OK ? OUTCOME_OK : outcome_of_rv("sign with", request->keys[0], rv);
}

static enum outcome sign_add(struct client *client, const struct request *request, const void *data,
                             size_t len)
{
    CK_RV rv = client->p11->C_SignUpdate(client->session, (CK_BYTE *)(uintptr_t)data, len);

    return rv == CKR_OK ? OUTCOME_OK : outcome_of_rv("sign with", request->keys[0], rv);
}

static enum outcome sign_end(struct client *client, const struct request *request,
                             struct store_secret *signature)
{
    unsigned char bytes[SIGNATURE_MAX];
    CK_ULONG len = sizeof bytes;
    CK_RV rv = client->p11->C_SignFinal(client->session, bytes, &len);

    if (rv != CKR_OK)
        return outcome_of_rv("sign with", request->keys[0], rv);
    if (len != request->algorithm->length) {
        outcome_print("the module gave a signature of %lu bytes", len);
        return OUTCOME_FAILED;
    }
    return store_secret_set(signature, bytes, len) == STORE_OK ? OUTCOME_OK : outcome_no_memory();
}

/* Signs standard input as it comes, of whatever length. */
static enum outcome sign_input(struct client *client, const struct request *request)
{
    unsigned char chunk[64 * 1024];

    for (;;) {
        ssize_t n = read(STDIN_FILENO, chunk, sizeof chunk);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            outcome_print("cannot read standard input: %s", strerror(errno));
            return OUTCOME_FAILED;
        }
        if (n == 0)
            return OUTCOME_OK;
        STEP(sign_add(client, request, chunk, (size_t)n));
    }
}

enum outcome command_sign(const struct request *request)
{
    AUTO_CLIENT client = {0};
    AUTO_SECRET signature = {0};
    AUTO_SECRET text = {0};
    AUTO_JSON json = {0};
    enum store_err err;

    STEP(client_open(&client, request, CLIENT_READ));
    STEP(sign_begin(&client, request));
    STEP(sign_input(&client, request));
    STEP(sign_end(&client, request, &signature));
    err = request->encoding == REQUEST_HEX ? encode_hex(&text, &signature)
                                           : encode_base64url(&text, &signature);
    if (err != STORE_OK)
        return outcome_no_memory();
    if (!request->json) {
        STEP(print_bytes(text.data, text.len));
        return print_bytes("\n", 1);
    }
    if (!print_json_open(&json))
        return outcome_no_memory();
    (void)yajl_gen_map_open(json.gen);
    print_json_text(&json, "key", request->keys[0]);
    print_json_text(&json, "algorithm", request->algorithm->hash);
    print_json_bytes(&json, "signature", &text);
    (void)yajl_gen_map_close(json.gen);
    return print_json_close(&json);
}

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

static enum outcome read_payload(struct store_secret *payload)
{
    json_error_t error;
    json_t *json;
    bool object;

    STEP(input_read(payload));
    trim(payload);
    json = json_loadb(payload->len > 0 ? (const char *)payload->data : "", payload->len,
                      JSON_REJECT_DUPLICATES, &error);
    object = json_is_object(json);
    json_decref(json);
    if (object)
        return OUTCOME_OK;
    outcome_print("standard input is not a JSON object: line %d, column %d: %s",
                  json == NULL ? error.line : 1, json == NULL ? error.column : 1,
                  json == NULL ? error.text : "a token's payload begins with '{'");
    return OUTCOME_USAGE;
}

/* RFC 7515, section 7.1: BASE64URL(header) "." BASE64URL(payload) "." BASE64URL(signature) */
static enum store_err jwt_input(const struct request *request, const struct store_secret *payload,
                                struct store_secret *out)
{
    AUTO_SECRET header = {0};

    TRY(store_secret_append(&header, "{\"alg\":\"", 8));
    TRY(store_secret_append(&header, request->algorithm->jws, strlen(request->algorithm->jws)));
    TRY(store_secret_append(&header, "\",\"typ\":\"JWT\"}", 14));
    TRY(encode_base64url(out, &header));
    TRY(store_secret_append(out, ".", 1));
    return encode_base64url(out, payload);
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

    STEP(client_open(&client, request, CLIENT_READ));
    STEP(read_payload(&payload));
    if (jwt_input(request, &payload, &token) != STORE_OK)
        return outcome_no_memory();
    STEP(sign_begin(&client, request));
    STEP(sign_add(&client, request, token.data, token.len));
    STEP(sign_end(&client, request, &signature));
    if (jwt_end(&token, &signature) != STORE_OK)
        return outcome_no_memory();
    if (request->json)
        return object_print_text("token", &token);
    STEP(print_bytes(token.data, token.len));
    return print_bytes("\n", 1);
}
