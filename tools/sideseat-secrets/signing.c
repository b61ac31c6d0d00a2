/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/signing.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Long enough for any HMAC there is. */
#define SIGNATURE_MAX 64

enum outcome signing_find(struct client *client, const struct request *request,
                          CK_OBJECT_HANDLE *out)
{
    enum outcome outcome = object_find_asked(client, request, 0, CKO_SECRET_KEY, out);

    if (outcome != OUTCOME_NOT_FOUND)
        return outcome;
    return object_absent("signing key", request->keys[0],
                         ": either there is no such secret, or pkcs11.hmac_keys does not list it "
                         "(sideseat.json(5))");
}

enum outcome signing_begin(struct client *client, const struct request *request)
{
    CK_MECHANISM mechanism = {request->algorithm->mechanism, NULL, 0};
    CK_OBJECT_HANDLE key = 0;
    CK_RV rv;

    STEP(signing_find(client, request, &key));
    rv = client->p11->C_SignInit(client->session, &mechanism, key);
    return rv == CKR_OK ? OUTCOME_OK : outcome_of_rv("sign with", request->keys[0], rv);
}

enum outcome signing_add(struct client *client, const struct request *request, const void *data,
                         size_t len)
{
    CK_RV rv = client->p11->C_SignUpdate(client->session, (CK_BYTE *)(uintptr_t)data, len);

    return rv == CKR_OK ? OUTCOME_OK : outcome_of_rv("sign with", request->keys[0], rv);
}

enum outcome signing_end(struct client *client, const struct request *request,
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

enum outcome signing_input(struct client *client, const struct request *request,
                           CK_C_SignUpdate update)
{
    unsigned char chunk[64 * 1024];

    for (;;) {
        ssize_t n = read(STDIN_FILENO, chunk, sizeof chunk);
        CK_RV rv;

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            outcome_print("cannot read standard input: %s", strerror(errno));
            return OUTCOME_FAILED;
        }
        if (n == 0)
            return OUTCOME_OK;
        rv = update(client->session, chunk, (CK_ULONG)n);
        if (rv != CKR_OK)
            return outcome_of_rv("sign with", request->keys[0], rv);
    }
}
