/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/encode.h"
#include "tools/sideseat-secrets/signing.h"

enum outcome command_sign(const struct request *request)
{
    AUTO_CLIENT client = {0};
    AUTO_SECRET signature = {0};
    AUTO_SECRET text = {0};
    AUTO_JSON json = {0};
    struct signing signing = {0};
    enum store_err err;

    STEP(client_open(&client, request, CLIENT_READ));
    STEP(signing_find(&client, request, SIGNING_SIGNS, &signing));
    STEP(signing_begin(&client, request, &signing));
    STEP(signing_input(&client, request, client.p11->C_SignUpdate));
    STEP(signing_end(&client, request, &signing, &signature));
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
    print_json_text(&json, "algorithm", signing.algorithm->name);
    print_json_bytes(&json, "signature", &text);
    (void)yajl_gen_map_close(json.gen);
    return print_json_close(&json);
}
