/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/signing.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "tools/sideseat-secrets/field.h"
#include "tools/sideseat-secrets/member.h"
#include "tools/sideseat-secrets/public_key.h"

/* Long enough for the largest key: RSA-8192. */
#define SIGNATURE_MAX 1024

/* Prints which algorithms such a key has instead of that of the request. */
static enum outcome refuse(const struct request *request, CK_KEY_TYPE type, unsigned bits)
{
    const struct algorithm *asked = request->algorithm;
    bool jws = strcmp(request->command->name, "jwt") == 0;
    char names[ALGORITHM_NAMES_SIZE];

    algorithm_names(type, bits, jws, names);
    if (names[0] == '\0' || asked == NULL)
        outcome_print("%s is a key of a kind that does not sign; use another key",
                      request->keys[0]);
    else
        outcome_print("%s does not sign with %s; its algorithms are %s", request->keys[0],
                      jws ? asked->jws : asked->name, names);
    return OUTCOME_USAGE;
}

/* The algorithm for a key pair, which the request or the kind of key chooses. */
static enum outcome choose(struct client *client, const struct request *request,
                           struct signing *out)
{
    const struct algorithm *asked = request->algorithm;
    CK_KEY_TYPE type = 0;
    const struct curve *curve = NULL;
    unsigned bits;

    STEP(public_key_kind(client, out->key, request->keys[0], &type, &curve));
    bits = curve_bits(curve);
    out->algorithm =
        asked != NULL ? algorithm_named_as(asked, type, bits) : algorithm_of_key(type, bits);
    return out->algorithm != NULL ? OUTCOME_OK : refuse(request, type, bits);
}

/* Refuses a secret key where the algorithm is one of key pairs. NOT_FOUND: there is none. */
static enum outcome refuse_secret_key(struct client *client, const struct request *request)
{
    CK_KEY_TYPE type = CKK_GENERIC_SECRET;
    CK_ATTRIBUTE row = {CKA_KEY_TYPE, &type, sizeof type};
    CK_OBJECT_HANDLE key = 0;

    STEP(object_find_asked(client, request, 0, CKO_SECRET_KEY, &key));
    (void)client->p11->C_GetAttributeValue(client->session, key, &row, 1);
    return refuse(request, type == CKK_AES ? type : CKK_GENERIC_SECRET, 0);
}

/* Makes the field an HMAC key that lasts as long as the session. */
static enum outcome make_key(struct client *client, const struct field *field,
                             const struct store_secret *value, CK_OBJECT_HANDLE *out)
{
    const CK_OBJECT_CLASS class = CKO_SECRET_KEY;
    const CK_KEY_TYPE type = CKK_GENERIC_SECRET;
    const CK_BBOOL yes = CK_TRUE;
    const CK_BBOOL no = CK_FALSE;
    CK_ATTRIBUTE rows[] = {
        OBJECT_ROW(CKA_CLASS, &class, sizeof class), OBJECT_ROW(CKA_KEY_TYPE, &type, sizeof type),
        OBJECT_ROW(CKA_TOKEN, &no, sizeof no),       OBJECT_ROW(CKA_SENSITIVE, &yes, sizeof yes),
        OBJECT_ROW(CKA_EXTRACTABLE, &no, sizeof no), OBJECT_ROW(CKA_SIGN, &yes, sizeof yes),
        OBJECT_ROW(CKA_VERIFY, &yes, sizeof yes),    OBJECT_ROW(CKA_VALUE, value->data, value->len),
    };
    CK_RV rv =
        client->p11->C_CreateObject(client->session, rows, sizeof rows / sizeof rows[0], out);

    return rv == CKR_OK ? OUTCOME_OK : outcome_of_rv("use as a key a field of", field->owner, rv);
}

/* KEY#FIELD: the bytes of the field are the HMAC key. NOT_FOUND is printed only if the secret is
 * there and has no such field, and `found` then true. */
static enum outcome find_field(struct client *client, const struct request *request,
                               CK_OBJECT_HANDLE *out, bool *found)
{
    static const char pem[] = "-----BEGIN ";
    const struct algorithm *asked = request->algorithm;
    AUTO_SECRET value = {0};
    struct field field;
    CK_RV rv;

    STEP(field_find(client, request, request->keys[0], &request->uris[0], false, &field));
    if (field.name == NULL)
        return OUTCOME_NOT_FOUND; /* a secret, but no key */
    *found = true;
    rv = object_read(client, field.object, CKA_VALUE, &value);
    if (rv == CKR_ATTRIBUTE_SENSITIVE) {
        outcome_print("cannot use a field of %s as a key: its value is never given out, as "
                      "pkcs11.sensitive or its rule in pkcs11.keys says; store the field as a "
                      "secret of its own",
                      field.owner);
        return OUTCOME_DENIED;
    }
    if (rv != CKR_OK)
        return outcome_of_rv("read", field.owner, rv);
    STEP(member_pick(field.owner, field.name, &value));
    if (value.len == 0) {
        outcome_print("the field %s of %s is empty, and a key is not", field.name, field.owner);
        return OUTCOME_USAGE;
    }
    if ((asked == NULL || asked->key_type == CKK_GENERIC_SECRET) &&
        (value.len < sizeof pem - 1 || memcmp(value.data, pem, sizeof pem - 1) != 0))
        return make_key(client, &field, &value, out);
    outcome_print("a field can be the key of an HMAC only; store the key pair as a secret of its "
                  "own, and list it in pkcs11.keys (sideseat.json(5))");
    return OUTCOME_USAGE;
}

enum outcome signing_find(struct client *client, const struct request *request,
                          enum signing_use use, struct signing *out)
{
    const struct algorithm *asked = request->algorithm;
    CK_OBJECT_CLASS half = use == SIGNING_VERIFIES ? CKO_PUBLIC_KEY : CKO_PRIVATE_KEY;
    enum outcome outcome = OUTCOME_NOT_FOUND;
    bool field = false;

    if (use != SIGNING_CERTIFIES && (asked == NULL || asked->key_type == CKK_GENERIC_SECRET))
        outcome = object_find_asked(client, request, 0, CKO_SECRET_KEY, &out->key);
    if (outcome == OUTCOME_OK) {
        out->algorithm = asked != NULL ? asked : algorithm_of_key(CKK_GENERIC_SECRET, 0);
        return OUTCOME_OK;
    }
    if (outcome == OUTCOME_NOT_FOUND)
        outcome = object_find_asked(client, request, 0, half, &out->key);
    if (outcome == OUTCOME_OK)
        return choose(client, request, out);
    if (outcome == OUTCOME_NOT_FOUND && asked != NULL && asked->key_type != CKK_GENERIC_SECRET)
        outcome = refuse_secret_key(client, request);
    if (outcome != OUTCOME_NOT_FOUND)
        return outcome;
    if (use != SIGNING_CERTIFIES)
        outcome = find_field(client, request, &out->key, &field);
    out->algorithm = asked != NULL ? asked : algorithm_of_key(CKK_GENERIC_SECRET, 0);
    if (field || outcome != OUTCOME_NOT_FOUND)
        return outcome;
    return object_absent("signing key", request->keys[0],
                         ": either there is no such secret, or neither pkcs11.hmac_keys nor "
                         "pkcs11.keys lists it (sideseat.json(5))");
}

enum outcome signing_failed(const char *verb, const struct request *request, CK_RV rv)
{
    if (rv != CKR_DATA_LEN_RANGE)
        return outcome_of_rv(verb, request->keys[0], rv);
    outcome_print("cannot %s %s: standard input is empty, or longer than what is signed without "
                  "hashing it first; give it a digest, or choose an algorithm that hashes",
                  verb, request->keys[0]);
    return OUTCOME_USAGE;
}

enum outcome signing_begin(struct client *client, const struct request *request,
                           const struct signing *signing)
{
    CK_MECHANISM mechanism = algorithm_mechanism(signing->algorithm);
    bool pair = signing->algorithm->key_type != CKK_GENERIC_SECRET;
    CK_RV rv = client->p11->C_SignInit(client->session, &mechanism, signing->key);

    if (rv != CKR_OK)
        return signing_failed("sign with", request, rv);
    if (pair && object_is(client, signing->key, CKA_ALWAYS_AUTHENTICATE))
        return client_confirm(client, request, request->keys[0]);
    return OUTCOME_OK;
}

enum outcome signing_add(struct client *client, const struct request *request, const void *data,
                         size_t len)
{
    CK_RV rv = client->p11->C_SignUpdate(client->session, (CK_BYTE *)(uintptr_t)data, len);

    return rv == CKR_OK ? OUTCOME_OK : signing_failed("sign with", request, rv);
}

enum outcome signing_end(struct client *client, const struct request *request,
                         const struct signing *signing, struct store_secret *signature)
{
    unsigned char bytes[SIGNATURE_MAX];
    CK_ULONG len = sizeof bytes;
    CK_RV rv = client->p11->C_SignFinal(client->session, bytes, &len);

    if (rv != CKR_OK)
        return signing_failed("sign with", request, rv);
    if (signing->algorithm->length != 0 && len != signing->algorithm->length) {
        outcome_print("the module gave a signature of %lu bytes", len);
        return OUTCOME_FAILED;
    }
    return store_secret_set(signature, bytes, len) == STORE_OK ? OUTCOME_OK : outcome_no_memory();
}

enum outcome signing_input(struct client *client, const struct request *request, const char *verb,
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
            return signing_failed(verb, request, rv);
    }
}
