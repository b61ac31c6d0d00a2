/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/public_key.h"

#include <string.h>

#include "store/base64.h"

#define DER_OCTET_STRING 0x04
#define PEM_LINE 64

/* CKA_EC_PARAMS of a curve: its OID (RFC 5480, 2.1.1.1; RFC 8410, 3). */
static const struct {
    unsigned char oid[10];
    size_t oid_len;
    unsigned bits;
} curves[] = {
    {{0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07}, 10, 256},
    {{0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22}, 7, 384},
    {{0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23}, 7, 521},
    {{0x06, 0x03, 0x2b, 0x65, 0x70}, 5, 255},
    {{0x06, 0x03, 0x2b, 0x65, 0x71}, 5, 448},
};

void public_key_clear(struct public_key *key)
{
    store_secret_wipe(&key->modulus);
    store_secret_wipe(&key->exponent);
    store_secret_wipe(&key->point);
    store_secret_wipe(&key->info);
}

static enum outcome failed(const char *name, CK_RV rv)
{
    return outcome_of_rv("read the public key of", name, rv);
}

static enum outcome not_known(const char *name)
{
    outcome_print("%s is a key of a kind that this program does not know", name);
    return OUTCOME_FAILED;
}

enum outcome public_key_kind(struct client *client, CK_OBJECT_HANDLE object, const char *name,
                             CK_KEY_TYPE *type, unsigned *bits)
{
    CK_ATTRIBUTE row = {CKA_KEY_TYPE, type, sizeof *type};
    AUTO_SECRET params = {0};
    CK_RV rv = client->p11->C_GetAttributeValue(client->session, object, &row, 1);

    *bits = 0;
    if (rv == CKR_OK && *type != CKK_RSA)
        rv = object_read(client, object, CKA_EC_PARAMS, &params);
    if (rv != CKR_OK)
        return failed(name, rv);
    for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++)
        if (store_secret_equal(&params, curves[i].oid, curves[i].oid_len))
            *bits = curves[i].bits;
    return *type == CKK_RSA || *bits != 0 ? OUTCOME_OK : not_known(name);
}

/* Takes the bare point out of its OCTET STRING. */
static bool unwrap(struct store_secret *point)
{
    const unsigned char *bytes = point->data;
    size_t skip = point->len > 2 && bytes[1] == 0x81 ? 3 : 2;
    AUTO_SECRET bare = {0};

    if (point->len <= skip || bytes[0] != DER_OCTET_STRING || bytes[skip - 1] != point->len - skip)
        return false;
    store_secret_slice(&bare, point, skip, point->len - skip);
    store_secret_move(point, &bare);
    return true;
}

enum outcome public_key_read(struct client *client, CK_OBJECT_HANDLE object, const char *name,
                             struct public_key *out)
{
    CK_RV rv;

    STEP(public_key_kind(client, object, name, &out->type, &out->bits));
    rv = object_read(client, object, CKA_PUBLIC_KEY_INFO, &out->info);
    if (rv == CKR_OK && out->bits == 0) {
        rv = object_read(client, object, CKA_MODULUS, &out->modulus);
        if (rv == CKR_OK)
            rv = object_read(client, object, CKA_PUBLIC_EXPONENT, &out->exponent);
    } else if (rv == CKR_OK) {
        rv = object_read(client, object, CKA_EC_POINT, &out->point);
    }
    if (rv != CKR_OK)
        return failed(name, rv);
    return out->bits == 0 || unwrap(&out->point) ? OUTCOME_OK : not_known(name);
}

enum store_err public_key_pem(const struct public_key *key, struct store_secret *out)
{
    AUTO_SECRET text = {0};

    TRY(store_base64_encode(key->info.data, key->info.len, &text));
    TRY(store_secret_append(out, "-----BEGIN PUBLIC KEY-----\n", 27));
    for (size_t at = 0; at < text.len; at += PEM_LINE) {
        size_t len = text.len - at < PEM_LINE ? text.len - at : PEM_LINE;
        TRY(store_secret_append(out, text.data + at, len));
        TRY(store_secret_append(out, "\n", 1));
    }
    return store_secret_append(out, "-----END PUBLIC KEY-----\n", 25);
}
