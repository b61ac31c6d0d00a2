/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tools/sideseat-secrets/commands.h"
#include "tools/sideseat-secrets/encode.h"
#include "tools/sideseat-secrets/option.h"
#include "tools/sideseat-secrets/signing.h"

/* Decodes the signature of the command line. */
static enum outcome take_signature(const struct request *request, struct store_secret *out)
{
    const char *text = option_text(request, OPTION_SIGNATURE);
    bool hex = request->encoding == REQUEST_HEX;
    enum store_err err;

    if (text == NULL) {
        outcome_print("which signature? give it with --signature");
        return OUTCOME_USAGE;
    }
    err = hex ? decode_hex(out, text, strlen(text)) : decode_base64url(out, text, strlen(text));
    if (err == STORE_OK && out->len == request->algorithm->length)
        return OUTCOME_OK;
    if (err == STORE_NO_MEMORY)
        return outcome_no_memory();
    outcome_print("the signature is not %lu bytes in %s", request->algorithm->length,
                  hex ? "hexadecimal; see --encoding" : "base64url");
    return OUTCOME_USAGE;
}

static enum outcome tell(const struct request *request, bool valid)
{
    AUTO_JSON json = {0};

    if (!valid)
        outcome_print("the signature is not the one of this input with %s", request->keys[0]);
    if (request->json) {
        if (!print_json_open(&json))
            return outcome_no_memory();
        (void)yajl_gen_map_open(json.gen);
        print_json_text(&json, "key", request->keys[0]);
        print_json_text(&json, "algorithm", request->algorithm->hash);
        print_json_flag(&json, "valid", valid);
        (void)yajl_gen_map_close(json.gen);
        STEP(print_json_close(&json));
    }
    return valid ? OUTCOME_OK : OUTCOME_FAILED;
}

enum outcome command_verify(const struct request *request)
{
    CK_MECHANISM mechanism = {request->algorithm->mechanism, NULL, 0};
    AUTO_CLIENT client = {0};
    AUTO_SECRET signature = {0};
    unsigned char *bytes = NULL;
    CK_OBJECT_HANDLE key = 0;
    CK_RV rv;

    STEP(take_signature(request, &signature));
    STEP(client_open(&client, request, CLIENT_READ));
    STEP(signing_find(&client, request, &key));
    rv = client.p11->C_VerifyInit(client.session, &mechanism, key);
    if (rv != CKR_OK)
        return outcome_of_rv("verify with", request->keys[0], rv);
    STEP(signing_input(&client, request, client.p11->C_VerifyUpdate));
    if (store_secret_resize(&signature, signature.len, &bytes) != STORE_OK)
        return outcome_no_memory();
    rv = client.p11->C_VerifyFinal(client.session, bytes, signature.len);
    if (rv != CKR_OK && rv != CKR_SIGNATURE_INVALID)
        return outcome_of_rv("verify with", request->keys[0], rv);
    return tell(request, rv == CKR_OK);
}
