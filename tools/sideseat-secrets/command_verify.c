/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "store/hex.h"
#include "tools/sideseat-secrets/commands.h"
#include "tools/sideseat-secrets/ecdsa.h"
#include "tools/sideseat-secrets/encode.h"
#include "tools/sideseat-secrets/input.h"
#include "tools/sideseat-secrets/option.h"
#include "tools/sideseat-secrets/signing.h"

/* Reads the signature's text or bytes, of the command line or of a file. */
static enum outcome read_signature(const struct request *request, struct store_secret *out)
{
    const char *text = option_text(request, OPTION_SIGNATURE);
    const char *file = option_text(request, OPTION_SIGNATURE_FILE);
    bool bytes = request->encoding == REQUEST_RAW || request->encoding == REQUEST_DER;

    if ((text == NULL) == (file == NULL)) {
        outcome_print("give the signature with either --signature or --signature-file");
        return OUTCOME_USAGE;
    }
    if (file != NULL) {
        STEP(input_read_file(file, out));
        while (!bytes && out->len > 0 && memchr("\r\n", out->data[out->len - 1], 2) != NULL) {
            unsigned char *room = NULL;

            if (store_secret_resize(out, out->len - 1, &room) != STORE_OK)
                return outcome_no_memory();
        }
        return OUTCOME_OK;
    }
    if (bytes) {
        outcome_print("a signature in bytes comes from a file; give it with --signature-file");
        return OUTCOME_USAGE;
    }
    return store_secret_set(out, text, strlen(text)) == STORE_OK ? OUTCOME_OK : outcome_no_memory();
}

static enum store_err decode(const struct request *request, const struct signing *signing,
                             const struct store_secret *text, struct store_secret *out)
{
    const char *characters = text->len > 0 ? (const char *)text->data : "";

    if (request->encoding == REQUEST_HEX)
        return store_hex_decode(characters, text->len, out);
    if (request->encoding == REQUEST_BASE64URL)
        return decode_base64url(out, characters, text->len);
    if (request->encoding == REQUEST_DER && signing->algorithm->key_type == CKK_EC)
        return ecdsa_from_der(text, signing->algorithm->length / 2, out);
    return store_secret_set(out, text->data, text->len);
}

/* Decodes the signature that was given. */
static enum outcome take_signature(const struct request *request, const struct signing *signing,
                                   const struct store_secret *text, struct store_secret *out)
{
    static const char *const names[] = {
        [REQUEST_HEX] = "in hexadecimal; see --encoding",
        [REQUEST_BASE64URL] = "in base64url",
        [REQUEST_RAW] = "as they are",
        [REQUEST_DER] = "in DER",
    };
    CK_ULONG length = signing->algorithm->length;
    enum store_err err = decode(request, signing, text, out);

    if (err == STORE_OK && out->len > 0 && (length == 0 || out->len == length))
        return OUTCOME_OK;
    if (err == STORE_NO_MEMORY)
        return outcome_no_memory();
    if (length != 0)
        outcome_print("the signature is not %lu bytes %s", length, names[request->encoding]);
    else
        outcome_print("the signature is not bytes %s", names[request->encoding]);
    return OUTCOME_USAGE;
}

static enum outcome tell(const struct request *request, const struct signing *signing, bool valid)
{
    AUTO_PRINT_JSON json = {0};

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
    AUTO_SECRET text = {0};
    AUTO_SECRET signature = {0};
    struct signing signing = {0};
    unsigned char *bytes = NULL;
    CK_MECHANISM mechanism;
    CK_RV rv;

    STEP(read_signature(request, &text));
    STEP(client_open(&client, request, CLIENT_READ));
    STEP(signing_find(&client, request, SIGNING_VERIFIES, &signing));
    STEP(take_signature(request, &signing, &text, &signature));
    mechanism = algorithm_mechanism(signing.algorithm);
    rv = client.p11->C_VerifyInit(client.session, &mechanism, signing.key);
    if (rv != CKR_OK)
        return signing_failed("verify with", request, rv);
    STEP(signing_input(&client, request, "verify with", client.p11->C_VerifyUpdate));
    if (store_secret_resize(&signature, signature.len, &bytes) != STORE_OK)
        return outcome_no_memory();
    rv = client.p11->C_VerifyFinal(client.session, bytes, signature.len);
    if (rv != CKR_OK && rv != CKR_SIGNATURE_INVALID && rv != CKR_SIGNATURE_LEN_RANGE)
        return signing_failed("verify with", request, rv);
    return tell(request, &signing, rv == CKR_OK);
}
