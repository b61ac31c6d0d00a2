/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/public_key.h"

#define DER_OCTET_STRING 0x04

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
                             CK_KEY_TYPE *type, const struct curve **curve)
{
    CK_ATTRIBUTE row = {CKA_KEY_TYPE, type, sizeof *type};
    AUTO_SECRET params = {0};
    CK_RV rv = client->p11->C_GetAttributeValue(client->session, object, &row, 1);

    if (rv == CKR_OK && *type != CKK_RSA)
        rv = object_read(client, object, CKA_EC_PARAMS, &params);
    if (rv != CKR_OK)
        return failed(name, rv);
    *curve = curve_of_params(&params);
    return *type == CKK_RSA || *curve != NULL ? OUTCOME_OK : not_known(name);
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

    STEP(public_key_kind(client, object, name, &out->type, &out->curve));
    rv = object_read(client, object, CKA_PUBLIC_KEY_INFO, &out->info);
    if (rv == CKR_OK && out->curve == NULL) {
        rv = object_read(client, object, CKA_MODULUS, &out->modulus);
        if (rv == CKR_OK)
            rv = object_read(client, object, CKA_PUBLIC_EXPONENT, &out->exponent);
    } else if (rv == CKR_OK) {
        rv = object_read(client, object, CKA_EC_POINT, &out->point);
    }
    if (rv != CKR_OK)
        return failed(name, rv);
    return out->curve == NULL || unwrap(&out->point) ? OUTCOME_OK : not_known(name);
}
