/* SPDX-License-Identifier: Apache-2.0 */
#include "store/hex.h"
#include "tools/sideseat-secrets/ecdsa.h"
#include "tools/sideseat-secrets/encode.h"
#include "tools/sideseat-secrets/signing.h"

static enum store_err encode(const struct request *request, const struct signing *signing,
                             const struct store_secret *signature, struct store_secret *out)
{
    if (request->encoding == REQUEST_HEX)
        return store_hex_encode(signature->data, signature->len, out);
    if (request->encoding == REQUEST_BASE64URL)
        return encode_base64url(out, signature);
    if (request->encoding == REQUEST_DER && signing->algorithm->key_type == CKK_EC)
        return ecdsa_to_der(signature, out);
    return store_secret_set(out, signature->data, signature->len);
}

enum outcome command_sign(const struct request *request)
{
    AUTO_CLIENT client = {0};
    AUTO_SECRET signature = {0};
    AUTO_SECRET text = {0};
    AUTO_PRINT_JSON json = {0};
    struct signing signing = {0};

    STEP(client_open(&client, request, CLIENT_READ));
    STEP(signing_find(&client, request, SIGNING_SIGNS, &signing));
    STEP(signing_begin(&client, request, &signing));
    STEP(signing_input(&client, request, "sign with", client.p11->C_SignUpdate));
    STEP(signing_end(&client, request, &signing, &signature));
    if (encode(request, &signing, &signature, &text) != STORE_OK)
        return outcome_no_memory();
    if (!request->json) {
        STEP(print_bytes(text.data, text.len));
        return request->encoding <= REQUEST_BASE64URL ? print_bytes("\n", 1) : OUTCOME_OK;
    }
    if (!print_json_open(&json))
        return outcome_no_memory();
    (void)yajl_gen_map_open(json.gen);
    print_json_text(&json, "key", request->keys[0]);
    print_json_text(&json, "algorithm", signing.algorithm->name);
    print_json_flat(&json, "signature", &text);
    (void)yajl_gen_map_close(json.gen);
    return print_json_close(&json);
}
