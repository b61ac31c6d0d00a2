/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/jwk.h"

#include <stdlib.h>
#include <string.h>

#include "tools/sideseat-secrets/algorithm.h"
#include "tools/sideseat-secrets/encode.h"

#define SHA256_LEN 32

/* Hashes a text in the module. */
static CK_RV digest(struct client *client, char *text, unsigned char out[SHA256_LEN])
{
    CK_MECHANISM mechanism = {CKM_SHA256, NULL, 0};
    CK_ULONG len = SHA256_LEN;
    CK_RV rv = client->p11->C_DigestInit(client->session, &mechanism);

    if (rv == CKR_OK)
        rv = client->p11->C_Digest(client->session, (CK_BYTE *)text, strlen(text), out, &len);
    return rv;
}

/* RFC 7638, 3: the hash of the members that the key needs, sorted and without white space. */
static enum outcome set_thumbprint(struct client *client, json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
    unsigned char hash[SHA256_LEN];
    AUTO_SECRET bytes = {0};
    AUTO_SECRET kid = {0};
    CK_RV rv = text == NULL ? CKR_HOST_MEMORY : digest(client, text, hash);

    free(text);
    if (rv != CKR_OK)
        return outcome_of_rv("hash", "the public key", rv);
    if (store_secret_set(&bytes, hash, sizeof hash) != STORE_OK ||
        encode_base64url(&kid, &bytes) != STORE_OK ||
        json_object_set_new(json, "kid", json_stringn((const char *)kid.data, kid.len)) != 0)
        return outcome_no_memory();
    return OUTCOME_OK;
}

enum outcome jwk_make(struct client *client, const struct public_key *key, json_t **out)
{
    const struct algorithm *algorithm = algorithm_of_key(key->type, key->bits);
    json_t *json = public_key_jwk(key);
    enum outcome outcome = json == NULL ? outcome_no_memory() : set_thumbprint(client, json);

    if (outcome == OUTCOME_OK && json_object_set_new(json, "use", json_string("sig")) != 0)
        outcome = outcome_no_memory();
    if (outcome == OUTCOME_OK && key->bits != 0 && algorithm != NULL &&
        json_object_set_new(json, "alg", json_string(algorithm->jws)) != 0)
        outcome = outcome_no_memory();
    if (outcome == OUTCOME_OK)
        *out = json;
    else
        json_decref(json);
    return outcome;
}

enum outcome jwk_find_public(struct client *client, const struct request *request, size_t index,
                             CK_OBJECT_HANDLE *out)
{
    enum outcome outcome = object_find_asked(client, request, index, CKO_PUBLIC_KEY, out);

    if (outcome != OUTCOME_NOT_FOUND)
        return outcome;
    return object_absent("key pair", request->keys[index],
                         ": either there is no such secret, or it holds no private key, or "
                         "pkcs11.keys does not list it (sideseat.json(5))");
}

enum outcome jwk_of_key(struct client *client, const struct request *request, size_t index,
                        json_t **out)
{
    AUTO_PUBLIC_KEY key = {0};
    CK_OBJECT_HANDLE object = 0;

    STEP(jwk_find_public(client, request, index, &object));
    STEP(public_key_read(client, object, request->keys[index], &key));
    return jwk_make(client, &key, out);
}
