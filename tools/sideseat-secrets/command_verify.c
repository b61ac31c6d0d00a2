/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tools/sideseat-secrets/commands.h"
#include "tools/sideseat-secrets/encode.h"
#include "tools/sideseat-secrets/option.h"
#include "tools/sideseat-secrets/signing.h"

/* Decodes the signature of the command line. */
static enum outcome take_signature(const struct request *request, const struct signing *signing,
                                   struct store_secret *out)
{
    const char *text = option_text(request, OPTION_SIGNATURE);
    bool hex = request->encoding == REQUEST_HEX;
    CK_ULONG length = signing->algorithm->length;
    enum store_err err;

    err = hex ? decode_hex(out, text, strlen(text)) : decode_base64url(out, text, strlen(text));
    if (err == STORE_OK && out->len > 0 && (length == 0 || out->len == length))
        return OUTCOME_OK;
    if (err == STORE_NO_MEMORY)
        return outcome_no_memory();
    if (length != 0)
        outcome_print("the signature is not %lu bytes in %s", length,
                      hex ? "hexadecimal; see --encoding" : "base64url");
    else
        outcome_print("the signature is not in %s",
                      hex ? "hexadecimal; see --encoding" : "base64url");
    return OUTCOME_USAGE;
}

static enum outcome tell(const struct request *request, const struct signing *signing, bool valid)
{
    AUTO_JSON json = {0};

    if (!valid)
        outcome_print("the signature is not the one of this input with %s", request->keys[0]);
    if (request->json) {
        if (!print_json_open(&json))
            return outcome_no_memory();
        (void)yajl_gen_map_open(json.gen);
        print_json_text(&json, "key", request->keys[0]);
        print_json_text(&json, "algorithm", signing->algorithm->name);
        print_json_flag(&json, "valid", valid);
        (void)yajl_gen_map_close(json.gen);
        STEP(print_json_close(&json));
    }
    return valid ? OUTCOME_OK : OUTCOME_FAILED;
}

enum outcome command_verify(const struct request *request)
{
    AUTO_CLIENT client = {0};
    AUTO_SECRET signature = {0};
    struct signing signing = {0};
    unsigned char *bytes = NULL;
    CK_MECHANISM mechanism;
    CK_RV rv;

    if (option_text(request, OPTION_SIGNATURE) == NULL) {
        outcome_print("which signature? give it with --signature");
        return OUTCOME_USAGE;
    }
    STEP(client_open(&client, request, CLIENT_READ));
    STEP(signing_find(&client, request, SIGNING_VERIFIES, &signing));
    STEP(take_signature(request, &signing, &signature));
    mechanism = algorithm_mechanism(signing.algorithm);
    rv = client.p11->C_VerifyInit(client.session, &mechanism, signing.key);
    if (rv != CKR_OK)
        return outcome_of_rv("verify with", request->keys[0], rv);
    STEP(signing_input(&client, request, client.p11->C_VerifyUpdate));
    if (store_secret_resize(&signature, signature.len, &bytes) != STORE_OK)
        return outcome_no_memory();
    rv = client.p11->C_VerifyFinal(client.session, bytes, signature.len);
    if (rv != CKR_OK && rv != CKR_SIGNATURE_INVALID && rv != CKR_SIGNATURE_LEN_RANGE)
        return outcome_of_rv("verify with", request->keys[0], rv);
    return tell(request, &signing, rv == CKR_OK);
}
