/* SPDX-License-Identifier: Apache-2.0 */
#include "module/pki/unpad.h"

#include <string.h>

#define SHA256_LEN 32

/* 0, 2, at least eight bytes that are not 0, and a 0. */
#define PADDING_MIN 11

/* The bytes from which the length of a message that is made up is taken, two for each try. */
#define LENGTH_BYTES 256

/* Masks: all bits are set if it is so, else none. Both numbers are below 2^31. */
static unsigned mask_below(unsigned a, unsigned b)
{
    return 0u - ((a - b) >> 31);
}

static unsigned mask_zero(unsigned a)
{
    return mask_below(a, 1);
}

static unsigned choose(unsigned mask, unsigned yes, unsigned no)
{
    return (mask & yes) | (~mask & no);
}

static bool hmac(const struct evp *evp, const unsigned char key[SHA256_LEN],
                 const unsigned char *data, size_t len, unsigned char out[SHA256_LEN])
{
    size_t out_len = 0;

    return evp->f.EVP_Q_mac(evp->ctx, "HMAC", NULL, "SHA2-256", NULL, key, SHA256_LEN, data, len,
                            out, SHA256_LEN, &out_len) != NULL &&
           out_len == SHA256_LEN;
}

/* The key from which all that is made up for this data comes: HMAC(SHA-256(d), data). */
static bool data_key(const struct keypair *keypair, const unsigned char *data,
                     unsigned char out[SHA256_LEN])
{
    const struct evp *evp = keypair->evp;
    int size = (int)keypair->signature_len;
    unsigned char d[KEYPAIR_SIGNATURE_MAX];
    unsigned char hash[SHA256_LEN];
    const BIGNUM *number = NULL;
    size_t len = 0;
    bool made;

    evp->f.RSA_get0_key(keypair->rsa, NULL, NULL, &number);
    made = number != NULL && evp->f.BN_bn2binpad(number, d, size) == size &&
           evp->f.EVP_Q_digest(evp->ctx, "SHA2-256", NULL, d, (size_t)size, hash, &len) == 1 &&
           hmac(evp, hash, data, (size_t)size, out);
    store_wipe(d, sizeof d);
    store_wipe(hash, sizeof hash);
    return made;
}

/* Fills `len` bytes: HMAC(key, i || label || the number of bits) for i from 0 on. */
static bool make_up(const struct evp *evp, const unsigned char key[SHA256_LEN], const char *label,
                    unsigned char *out, size_t len)
{
    unsigned char block[SHA256_LEN];
    unsigned char input[16];
    size_t label_len = strlen(label);
    bool made = true;

    memcpy(input + 2, label, label_len);
    input[2 + label_len] = (unsigned char)(len * 8 >> 8);
    input[3 + label_len] = (unsigned char)(len * 8);
    for (size_t at = 0; at < len && made; at += SHA256_LEN) {
        input[0] = (unsigned char)(at / SHA256_LEN >> 8);
        input[1] = (unsigned char)(at / SHA256_LEN);
        made = hmac(evp, key, input, label_len + 4, block);
        if (made)
            memcpy(out + at, block, len - at < SHA256_LEN ? len - at : SHA256_LEN);
    }
    store_wipe(block, sizeof block);
    return made;
}

/* The last number that is a possible length; 0 if none is. */
static unsigned made_up_length(const unsigned char bytes[LENGTH_BYTES], unsigned size)
{
    unsigned most = size - PADDING_MIN;
    unsigned bits = most + 1;
    unsigned found = 0;

    for (unsigned shift = 1; shift <= 8; shift *= 2)
        bits |= bits >> shift;
    for (unsigned i = 0; i < LENGTH_BYTES; i += 2) {
        unsigned one = ((unsigned)bytes[i] << 8 | bytes[i + 1]) & bits;
        found = choose(mask_below(one, most + 1), one, found);
    }
    return found;
}

/* Finds where the message begins; the mask says whether the padding is right. */
static unsigned find_message(const unsigned char *encoded, unsigned size, unsigned *at)
{
    unsigned found = 0;
    unsigned zero_at = 0;
    unsigned right = mask_zero(encoded[0]) & mask_zero(encoded[1] ^ 2u);

    for (unsigned i = 2; i < size; i++) {
        unsigned zero = mask_zero(encoded[i]);
        zero_at = choose(~found & zero, i, zero_at);
        found |= zero;
    }
    *at = zero_at + 1;
    return right & ~mask_below(zero_at, PADDING_MIN - 1);
}

bool unpad_pkcs1(const struct keypair *keypair, const unsigned char *data,
                 const unsigned char *encoded, unsigned char *out, size_t *out_len)
{
    const struct evp *evp = keypair->evp;
    unsigned size = (unsigned)keypair->signature_len;
    unsigned char key[SHA256_LEN];
    unsigned char lengths[LENGTH_BYTES];
    unsigned char message[KEYPAIR_SIGNATURE_MAX];
    unsigned at = 0;
    unsigned right;
    bool made = data_key(keypair, data, key) &&
                make_up(evp, key, "length", lengths, sizeof lengths) &&
                make_up(evp, key, "message", message, size);

    if (made) {
        right = find_message(encoded, size, &at);
        at = choose(right, at, size - made_up_length(lengths, size));
        for (unsigned i = at; i < size; i++)
            out[i - at] = (unsigned char)choose(right, encoded[i], message[i]);
        *out_len = size - at;
    }
    store_wipe(key, sizeof key);
    store_wipe(lengths, sizeof lengths);
    store_wipe(message, sizeof message);
    return made;
}
