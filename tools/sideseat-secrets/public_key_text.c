/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "store/base64.h"
#include "tools/sideseat-secrets/encode.h"
#include "tools/sideseat-secrets/public_key.h"

/* Appends a string: its length in four bytes, and its bytes (RFC 4251, 5). */
static enum store_err add_string(struct store_secret *out, const void *data, size_t len)
{
    const unsigned char length[] = {(unsigned char)(len >> 24), (unsigned char)(len >> 16),
                                    (unsigned char)(len >> 8), (unsigned char)len};

    TRY(store_secret_append(out, length, sizeof length));
    return store_secret_append(out, data, len);
}

static enum store_err add_word(struct store_secret *out, const char *word)
{
    return add_string(out, word, strlen(word));
}

/* Appends an mpint: a positive number does not begin with a set bit. */
static enum store_err add_number(struct store_secret *out, const struct store_secret *number)
{
    AUTO_SECRET bytes = {0};

    if (number->len > 0 && (number->data[0] & 0x80) != 0)
        TRY(store_secret_append(&bytes, "", 1));
    TRY(store_secret_append(&bytes, number->data, number->len));
    return add_string(out, bytes.data, bytes.len);
}

static enum store_err add_blob(const struct public_key *key, const char *name,
                               struct store_secret *out)
{
    const struct curve *curve = key->curve;

    TRY(add_word(out, name));
    if (curve == NULL) {
        TRY(add_number(out, &key->exponent));
        return add_number(out, &key->modulus);
    }
    if (curve->nist != NULL)
        TRY(add_word(out, curve->nist));
    return add_string(out, key->point.data, key->point.len);
}

enum store_err public_key_ssh(const struct public_key *key, const char *name,
                              struct store_secret *out)
{
    const char *type = key->curve == NULL ? "ssh-rsa" : key->curve->ssh;
    AUTO_SECRET blob = {0};
    AUTO_SECRET text = {0};

    if (type == NULL)
        return STORE_CORRUPT;
    TRY(add_blob(key, type, &blob));
    TRY(store_base64_encode(blob.data, blob.len, &text));
    TRY(store_secret_append(out, type, strlen(type)));
    TRY(store_secret_append(out, " ", 1));
    TRY(store_secret_append(out, text.data, text.len));
    TRY(store_secret_append(out, " ", 1));
    TRY(store_secret_append(out, name, strlen(name)));
    return store_secret_append(out, "\n", 1);
}

static bool set_text(json_t *json, const char *member, const char *text)
{
    return json_object_set_new(json, member, json_string(text)) == 0;
}

static bool set_bytes(json_t *json, const char *member, const void *data, size_t len)
{
    AUTO_SECRET bytes = {0};
    AUTO_SECRET text = {0};

    return store_secret_set(&bytes, data, len) == STORE_OK &&
           encode_base64url(&text, &bytes) == STORE_OK &&
           json_object_set_new(json, member, json_stringn((const char *)text.data, text.len)) == 0;
}

/* The members that tell the key itself. */
static bool describe(const struct public_key *key, json_t *json)
{
    const struct curve *curve = key->curve;
    size_t half = (key->point.len - 1) / 2;

    if (curve == NULL)
        return set_text(json, "kty", "RSA") &&
               set_bytes(json, "n", key->modulus.data, key->modulus.len) &&
               set_bytes(json, "e", key->exponent.data, key->exponent.len);
    if (!set_text(json, "crv", curve->jwk))
        return false;
    if (curve->nist == NULL)
        return set_text(json, "kty", "OKP") &&
               set_bytes(json, "x", key->point.data, key->point.len);
    return set_text(json, "kty", "EC") && set_bytes(json, "x", key->point.data + 1, half) &&
           set_bytes(json, "y", key->point.data + 1 + half, half);
}

json_t *public_key_jwk(const struct public_key *key)
{
    json_t *json = json_object();

    if (json != NULL && describe(key, json))
        return json;
    json_decref(json);
    return NULL;
}
