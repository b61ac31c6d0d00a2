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

/* RFC 7517, 4.2: the use of the key; "" if it has both uses, or neither. The private half is
 * asked, or the public half where another module hides the private one. */
static enum outcome find_use(struct client *client, CK_OBJECT_HANDLE public, const char **use)
{
    CK_OBJECT_HANDLE private = 0;
    bool signs = object_is(client, public, CKA_VERIFY);
    bool decrypts = object_is(client, public, CKA_ENCRYPT);
    enum outcome outcome = object_find_other(client, public, CKO_PRIVATE_KEY, &private);

    if (outcome != OUTCOME_OK && outcome != OUTCOME_NOT_FOUND)
        return outcome;
    if (outcome == OUTCOME_OK) {
        signs = object_is(client, private, CKA_SIGN);
        decrypts =
            object_is(client, private, CKA_DECRYPT) || object_is(client, private, CKA_DERIVE);
    }
    *use = signs == decrypts ? "" : signs ? "sig" : "enc";
    return OUTCOME_OK;
}

/* Adds "use", and the algorithm of a key that does nothing but sign, if it has only one. */
static bool set_use(json_t *json, const struct public_key *key, const char *use)
{
    const struct algorithm *algorithm = algorithm_of_key(key->type, curve_bits(key->curve));
    bool signs = strcmp(use, "sig") == 0;

    if (use[0] != '\0' && json_object_set_new(json, "use", json_string(use)) != 0)
        return false;
    return !signs || key->curve == NULL || algorithm == NULL ||
           json_object_set_new(json, "alg", json_string(algorithm->jws)) == 0;
}

enum outcome jwk_make(struct client *client, CK_OBJECT_HANDLE object, const char *name,
                      json_t **out)
{
    AUTO_PUBLIC_KEY key = {0};
    const char *use = "";
    enum outcome outcome;
    json_t *json;

    STEP(public_key_read(client, object, name, &key));
    STEP(find_use(client, object, &use));
    json = public_key_jwk(&key);
    outcome = json == NULL ? outcome_no_memory() : set_thumbprint(client, json);
    if (outcome == OUTCOME_OK && !set_use(json, &key, use))
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
    CK_OBJECT_HANDLE object = 0;

    STEP(jwk_find_public(client, request, index, &object));
    return jwk_make(client, object, request->keys[index], out);
}
