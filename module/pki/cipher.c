/* SPDX-License-Identifier: Apache-2.0 */
#include "module/pki/cipher.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "module/pki/evp.h"
#include "module/traces.h"

/* The most bytes in one call of libcrypto, which counts them with an int. */
#define RUN_MAX ((size_t)1 << 30)

struct cipher {
    const struct evp *evp;
    EVP_CIPHER_CTX *ctx;
    enum cipher_mode mode;
};

bool cipher_has(CK_MECHANISM_TYPE type)
{
    return type == CKM_AES_CBC || type == CKM_AES_CBC_PAD || type == CKM_AES_GCM;
}

static CK_RV read_gcm(const CK_MECHANISM *mechanism, struct cipher_form *out)
{
    CK_GCM_PARAMS params;

    if (mechanism->pParameter == NULL || mechanism->ulParameterLen != sizeof params)
        return CKR_MECHANISM_PARAM_INVALID;
    memcpy(&params, mechanism->pParameter, sizeof params);
    /* ulIvBits says nothing: "Do no use ulIvBits to specify the length of the initialization
     * vector" (2.12.2), and programs leave it unset */
    if (params.pIv == NULL || params.ulIvLen == 0 || params.ulIvLen > CIPHER_IV_MAX ||
        (params.pAAD == NULL && params.ulAADLen > 0) || params.ulAADLen > CIPHER_HELD_MAX ||
        params.ulTagBits < 32 || params.ulTagBits > 8 * CIPHER_TAG_MAX || params.ulTagBits % 8 != 0)
        return CKR_MECHANISM_PARAM_INVALID;
    *out = (struct cipher_form){.mode = CIPHER_GCM,
                                .tag_len = params.ulTagBits / 8,
                                .iv = params.pIv,
                                .iv_len = params.ulIvLen,
                                .aad = params.pAAD,
                                .aad_len = params.ulAADLen};
    return CKR_OK;
}

CK_RV cipher_form_read(const CK_MECHANISM *mechanism, struct cipher_form *out)
{
    if (mechanism->mechanism == CKM_AES_GCM)
        return read_gcm(mechanism, out);
    if (mechanism->pParameter == NULL || mechanism->ulParameterLen != CIPHER_BLOCK)
        return CKR_MECHANISM_PARAM_INVALID;
    *out = (struct cipher_form){.mode = CIPHER_CBC,
                                .padded = mechanism->mechanism == CKM_AES_CBC_PAD,
                                .iv = mechanism->pParameter,
                                .iv_len = CIPHER_BLOCK};
    return CKR_OK;
}

/* Ends libcrypto's part of a call. */
static void end(const struct evp *evp)
{
    evp_quiet_end(evp);
    traces_wipe_hash();
}

/* Gives libcrypto the key. The caller handles the padding itself: it must know the length of a
 * result before it asks for it. */
static bool set_key(struct cipher *cipher, const struct store_secret *key, bool encrypts)
{
    const struct evp_functions *f = &cipher->evp->f;
    EVP_CIPHER *method;
    char name[16];
    bool right;

    snprintf(name, sizeof name, "AES-%zu-%s", key->len * 8,
             cipher->mode == CIPHER_GCM ? "GCM" : "CBC");
    method = f->EVP_CIPHER_fetch(cipher->evp->ctx, name, NULL);
    right = method != NULL &&
            f->EVP_CipherInit_ex2(cipher->ctx, method, key->data, NULL, encrypts, NULL) == 1 &&
            f->EVP_CIPHER_CTX_set_padding(cipher->ctx, 0) == 1;
    f->EVP_CIPHER_free(method);
    return right;
}

struct cipher *cipher_new(enum cipher_mode mode, const struct store_secret *key, bool encrypts)
{
    const struct evp *evp = evp_get();
    struct cipher *cipher = evp == NULL ? NULL : calloc(1, sizeof *cipher);
    bool right;

    if (cipher == NULL)
        return NULL;
    cipher->evp = evp;
    cipher->mode = mode;
    evp_quiet_begin(evp);
    cipher->ctx = evp->f.EVP_CIPHER_CTX_new();
    right = cipher->ctx != NULL && set_key(cipher, key, encrypts);
    end(evp);
    if (right)
        return cipher;
    cipher_free(cipher);
    return NULL;
}

void cipher_free(struct cipher *cipher)
{
    if (cipher == NULL)
        return;
    cipher->evp->f.EVP_CIPHER_CTX_free(cipher->ctx);
    free(cipher);
}

bool cipher_start(struct cipher *cipher, const unsigned char *iv, size_t iv_len,
                  const unsigned char *aad, size_t aad_len)
{
    const struct evp_functions *f = &cipher->evp->f;
    int done = 0;
    bool right;

    evp_quiet_begin(cipher->evp);
    right =
        (cipher->mode != CIPHER_GCM ||
         f->EVP_CIPHER_CTX_ctrl(cipher->ctx, EVP_CTRL_AEAD_SET_IVLEN, (int)iv_len, NULL) == 1) &&
        f->EVP_CipherInit_ex2(cipher->ctx, NULL, NULL, iv, -1, NULL) == 1 &&
        (aad_len == 0 || f->EVP_CipherUpdate(cipher->ctx, NULL, &done, aad, (int)aad_len) == 1);
    end(cipher->evp);
    return right;
}

bool cipher_run(struct cipher *cipher, const unsigned char *in, size_t len, unsigned char *out)
{
    bool right = true;

    evp_quiet_begin(cipher->evp);
    while (right && len > 0) {
        int part = (int)(len < RUN_MAX ? len : RUN_MAX);
        int done = 0;

        right =
            cipher->evp->f.EVP_CipherUpdate(cipher->ctx, out, &done, in, part) == 1 && done == part;
        in += part;
        out += part;
        len -= (size_t)part;
    }
    end(cipher->evp);
    return right;
}

bool cipher_get_tag(struct cipher *cipher, unsigned char *tag, size_t len)
{
    const struct evp_functions *f = &cipher->evp->f;
    unsigned char nothing[CIPHER_BLOCK];
    int done = 0;
    bool right;

    evp_quiet_begin(cipher->evp);
    right = f->EVP_CipherFinal_ex(cipher->ctx, nothing, &done) == 1 &&
            f->EVP_CIPHER_CTX_ctrl(cipher->ctx, EVP_CTRL_AEAD_GET_TAG, (int)len, tag) == 1;
    end(cipher->evp);
    return right;
}

bool cipher_tag_is(struct cipher *cipher, const unsigned char *tag, size_t len)
{
    const struct evp_functions *f = &cipher->evp->f;
    unsigned char given[CIPHER_TAG_MAX];
    unsigned char nothing[CIPHER_BLOCK];
    int done = 0;
    bool right;

    memcpy(given, tag, len);
    evp_quiet_begin(cipher->evp);
    right = f->EVP_CIPHER_CTX_ctrl(cipher->ctx, EVP_CTRL_AEAD_SET_TAG, (int)len, given) == 1 &&
            f->EVP_CipherFinal_ex(cipher->ctx, nothing, &done) == 1;
    end(cipher->evp);
    return right;
}
