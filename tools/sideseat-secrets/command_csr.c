/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/x509v3.h>

#include "tools/sideseat-secrets/commands.h"
#include "tools/sideseat-secrets/jwk.h"
#include "tools/sideseat-secrets/option.h"
#include "tools/sideseat-secrets/signing.h"
#include "tools/sideseat-secrets/x509_request.h"

/* Sets what the options say. */
static enum outcome fill(const struct request *request, X509_REQ *csr, GENERAL_NAMES *names)
{
    const char *subject = option_text(request, OPTION_SUBJECT);

    if (subject != NULL)
        STEP(x509_request_set_subject(csr, subject));
    for (size_t i = 0; i < request->option_count; i++)
        if (request->options[i].key == OPTION_SAN)
            STEP(x509_request_add_name(names, request->options[i].text));
    return x509_request_set_names(csr, names);
}

/* A request in the making. */
struct making {
    const struct request *request;
    struct client client;
    struct signing signing;
    struct public_key key;
};

static enum outcome sign(struct making *making, X509_REQ *csr, struct store_secret *out)
{
    AUTO_SECRET bytes = {0};
    AUTO_SECRET signature = {0};

    STEP(x509_request_bytes(csr, &bytes));
    STEP(signing_begin(&making->client, making->request, &making->signing));
    STEP(signing_add(&making->client, making->request, bytes.data, bytes.len));
    STEP(signing_end(&making->client, making->request, &making->signing, &signature));
    return x509_request_finish(csr, &making->key, &signature, out);
}

/* Makes the request in PEM. */
static enum outcome make(struct making *making, struct store_secret *out)
{
    X509_REQ *csr = x509_request_new(&making->key);
    GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
    enum outcome outcome = csr == NULL || names == NULL ? outcome_no_memory() : OUTCOME_OK;

    if (outcome == OUTCOME_OK)
        outcome = fill(making->request, csr, names);
    if (outcome == OUTCOME_OK)
        outcome = sign(making, csr, out);
    sk_GENERAL_NAME_pop_free(names, GENERAL_NAME_free);
    X509_REQ_free(csr);
    return outcome;
}

static enum outcome run_steps(struct making *making, struct store_secret *text)
{
    CK_OBJECT_HANDLE object = 0;

    STEP(client_open(&making->client, making->request, CLIENT_READ));
    STEP(signing_find(&making->client, making->request, SIGNING_CERTIFIES, &making->signing));
    STEP(jwk_find_public(&making->client, making->request, 0, &object));
    STEP(public_key_read(&making->client, object, making->request->keys[0], &making->key));
    return make(making, text);
}

enum outcome command_csr(const struct request *request)
{
    struct making making = {.request = request};
    AUTO_SECRET text = {0};
    enum outcome outcome;

    if (!option_given(request, OPTION_SUBJECT) && !option_given(request, OPTION_SAN)) {
        outcome_print("give --subject or --san: a certificate names its holder");
        return OUTCOME_USAGE;
    }
    outcome = run_steps(&making, &text);
    public_key_clear(&making.key);
    client_close(&making.client);
    if (outcome != OUTCOME_OK)
        return outcome;
    if (request->json)
        return print_json_alone_bytes("csr", &text);
    return print_bytes(text.data, text.len);
}
