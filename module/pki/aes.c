/* SPDX-License-Identifier: Apache-2.0 */
#include "module/pki/aes.h"

#include <limits.h>
#include <stdio.h>

#include "module/pki/evp.h"
#include "module/traces.h"

#define HALF_BLOCK 8

size_t aes_wrapped_len(enum aes_form form, size_t len)
{
    if (len == 0 || len > INT_MAX / 2)
        return 0;
    if (form == AES_KW)
        return len >= 2 * HALF_BLOCK && len % HALF_BLOCK == 0 ? len + HALF_BLOCK : 0;
    return (len + HALF_BLOCK - 1) / HALF_BLOCK * HALF_BLOCK + HALF_BLOCK;
}

/* Sets `*done` bytes of `out`, which has room for `len` and two half blocks. */
static bool run(const struct evp *evp, const char *name, const struct store_secret *key, bool wraps,
                const unsigned char *in, size_t len, unsigned char *out, int *done)
{
    EVP_CIPHER *cipher = evp->f.EVP_CIPHER_fetch(evp->ctx, name, NULL);
    EVP_CIPHER_CTX *ctx = evp->f.EVP_CIPHER_CTX_new();
    bool right = false;

    if (cipher != NULL && ctx != NULL) {
        evp->f.EVP_CIPHER_CTX_set_flags(ctx, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
        right = evp->f.EVP_CipherInit_ex2(ctx, cipher, key->data, NULL, wraps, NULL) == 1 &&
                evp->f.EVP_CipherUpdate(ctx, out, done, in, (int)len) == 1 && *done > 0;
    }
    evp->f.EVP_CIPHER_CTX_free(ctx);
    evp->f.EVP_CIPHER_free(cipher);
    return right;
}

static bool cipher(enum aes_form form, const struct store_secret *key, bool wraps,
                   const unsigned char *in, size_t len, struct store_secret *out)
{
    const struct evp *evp = evp_get();
    AUTO_SECRET result = {0};
    unsigned char *bytes;
    char name[20];
    int done = 0;
    bool right;

    if (evp == NULL || store_secret_resize(&result, len + 2 * HALF_BLOCK, &bytes) != STORE_OK)
        return false;
    snprintf(name, sizeof name, "AES-%zu-WRAP%s", key->len * 8, form == AES_KWP ? "-PAD" : "");
    evp_quiet_begin(evp);
    right = run(evp, name, key, wraps, in, len, bytes, &done);
    evp_quiet_end(evp);
    traces_wipe_key();
    return right && store_secret_set(out, bytes, (size_t)done) == STORE_OK;
}

bool aes_wrap(enum aes_form form, const struct store_secret *key, const struct store_secret *bytes,
              struct store_secret *out)
{
    return cipher(form, key, true, bytes->data, bytes->len, out);
}

bool aes_unwrap(enum aes_form form, const struct store_secret *key, const unsigned char *wrapped,
                size_t len, struct store_secret *out)
{
    return cipher(form, key, false, wrapped, len, out);
}
