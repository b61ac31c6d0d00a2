/* SPDX-License-Identifier: Apache-2.0 */
#include "module/pki/keypair.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>

#include "module/pki/keypair_load.h"

/* Room for an ECDSA-Sig-Value of P-521 (RFC 3279, 2.2.3). */
#define ECDSA_DER_MAX 141

static void unprepare(struct keypair *keypair)
{
    keypair->evp->f.EVP_PKEY_CTX_free(keypair->ctx);
    keypair->evp->f.EVP_MD_CTX_free(keypair->md);
    keypair->ctx = NULL;
    keypair->md = NULL;
}

void keypair_free(struct keypair *keypair)
{
    if (keypair == NULL)
        return;
    unprepare(keypair);
    keypair->evp->f.EVP_PKEY_free(keypair->key);
    free(keypair);
}

size_t keypair_signature_len(const struct keypair *keypair)
{
    return keypair->signature_len;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool is_prepared(const struct keypair *keypair, const struct keypair_form *form, bool signs)
{
    return keypair->ctx != NULL && keypair->signs == signs &&
           same_text(keypair->form.padding, form->padding) &&
           same_text(keypair->form.digest, form->digest) &&
           same_text(keypair->form.mgf, form->mgf) && keypair->form.salt_len == form->salt_len;
}

static OSSL_PARAM text_param(const char *name, const char *text)
{
    return (OSSL_PARAM){name, OSSL_PARAM_UTF8_STRING, (void *)(uintptr_t)text, strlen(text),
                        OSSL_PARAM_UNMODIFIED};
}

static size_t fill_params(const struct keypair_form *form, int *salt, OSSL_PARAM params[5])
{
    size_t count = 0;

    if (form->padding != NULL)
        params[count++] = text_param(OSSL_PKEY_PARAM_PAD_MODE, form->padding);
    if (form->digest != NULL)
        params[count++] = text_param(OSSL_PKEY_PARAM_DIGEST, form->digest);
    if (form->mgf != NULL) {
        params[count++] = text_param(OSSL_PKEY_PARAM_MGF1_DIGEST, form->mgf);
        params[count++] = (OSSL_PARAM){OSSL_PKEY_PARAM_RSA_PSS_SALTLEN, OSSL_PARAM_INTEGER, salt,
                                       sizeof *salt, OSSL_PARAM_UNMODIFIED};
    }
    params[count] = (OSSL_PARAM){0};
    return count;
}

/* Makes the context that the next signatures of the same form use as it is. */
static bool prepare(struct keypair *keypair, const struct keypair_form *form, bool signs)
{
    const struct evp_functions *f = &keypair->evp->f;
    OSSL_PARAM params[5];
    int salt = form->salt_len;
    int done;

    if (is_prepared(keypair, form, signs))
        return true;
    unprepare(keypair);
    (void)fill_params(form, &salt, params);
    keypair->ctx = f->EVP_PKEY_CTX_new_from_pkey(keypair->evp->ctx, keypair->key, NULL);
    if (keypair->ctx == NULL)
        return false;
    done = signs ? f->EVP_PKEY_sign_init_ex(keypair->ctx, params)
                 : f->EVP_PKEY_verify_init_ex(keypair->ctx, params);
    if (done != 1) {
        unprepare(keypair);
        return false;
    }
    keypair->form = *form;
    keypair->signs = signs;
    return true;
}

/* EdDSA has no context that outlives a signature. */
static bool prepare_eddsa(struct keypair *keypair, bool signs)
{
    const struct evp_functions *f = &keypair->evp->f;

    unprepare(keypair);
    keypair->md = f->EVP_MD_CTX_new();
    if (keypair->md == NULL)
        return false;
    return (signs ? f->EVP_DigestSignInit_ex(keypair->md, NULL, NULL, keypair->evp->ctx, NULL,
                                             keypair->key, NULL)
                  : f->EVP_DigestVerifyInit_ex(keypair->md, NULL, NULL, keypair->evp->ctx, NULL,
                                               keypair->key, NULL)) == 1;
}

/* Turns ECDSA-Sig-Value into r and s, each as long as the curve's numbers. */
static bool ecdsa_to_raw(struct der in, size_t size, unsigned char *out)
{
    struct der body;

    if (!der_read(&in, DER_SEQUENCE, &body))
        return false;
    memset(out, 0, 2 * size);
    for (size_t i = 0; i < 2; i++) {
        struct der number;
        if (!der_unsigned(&body, &number) || number.len > size)
            return false;
        memcpy(out + (i + 1) * size - number.len, number.data, number.len);
    }
    return true;
}

/* And back. Returns the length. */
static size_t ecdsa_from_raw(const unsigned char *raw, size_t size,
                             unsigned char out[ECDSA_DER_MAX])
{
    unsigned char body[ECDSA_DER_MAX];
    unsigned char header[DER_HEADER_MAX];
    size_t len = 0;
    size_t used;

    for (size_t i = 0; i < 2; i++) {
        const unsigned char *number = raw + i * size;
        size_t left = size;
        while (left > 1 && *number == 0) {
            number++;
            left--;
        }
        used = der_header(header, DER_INTEGER, left + (*number >> 7));
        memcpy(body + len, header, used);
        len += used;
        if (*number >> 7)
            body[len++] = 0;
        memcpy(body + len, number, left);
        len += left;
    }
    used = der_header(out, DER_SEQUENCE, len);
    memcpy(out + used, body, len);
    return used + len;
}

static bool sign_ecdsa(struct keypair *keypair, const unsigned char *data, size_t len,
                       unsigned char *out)
{
    unsigned char der[ECDSA_DER_MAX];
    size_t der_len = sizeof der;

    return keypair->evp->f.EVP_PKEY_sign(keypair->ctx, der, &der_len, data, len) == 1 &&
           ecdsa_to_raw((struct der){der, der_len}, pki_curve_size(keypair->type), out);
}

static bool sign(struct keypair *keypair, const struct keypair_form *form,
                 const unsigned char *data, size_t len, unsigned char *out)
{
    size_t out_len = keypair->signature_len;

    if (pki_is_eddsa(keypair->type))
        return prepare_eddsa(keypair, true) &&
               keypair->evp->f.EVP_DigestSign(keypair->md, out, &out_len, data, len) == 1 &&
               out_len == keypair->signature_len;
    if (!prepare(keypair, form, true))
        return false;
    if (pki_is_ecdsa(keypair->type))
        return sign_ecdsa(keypair, data, len, out);
    return keypair->evp->f.EVP_PKEY_sign(keypair->ctx, out, &out_len, data, len) == 1 &&
           out_len == keypair->signature_len;
}

bool keypair_sign(struct keypair *keypair, const struct keypair_form *form,
                  const unsigned char *data, size_t len, unsigned char *out)
{
    bool done;

    evp_quiet_begin(keypair->evp);
    done = sign(keypair, form, data, len, out);
    evp_quiet_end(keypair->evp);
    return done;
}

static bool verify(struct keypair *keypair, const struct keypair_form *form,
                   const unsigned char *data, size_t len, const unsigned char *signature)
{
    unsigned char der[ECDSA_DER_MAX];
    size_t signature_len = keypair->signature_len;

    if (pki_is_eddsa(keypair->type))
        return prepare_eddsa(keypair, false) &&
               keypair->evp->f.EVP_DigestVerify(keypair->md, signature, signature_len, data, len) ==
                   1;
    if (!prepare(keypair, form, false))
        return false;
    if (pki_is_ecdsa(keypair->type)) {
        signature_len = ecdsa_from_raw(signature, pki_curve_size(keypair->type), der);
        signature = der;
    }
    return keypair->evp->f.EVP_PKEY_verify(keypair->ctx, signature, signature_len, data, len) == 1;
}

bool keypair_verify(struct keypair *keypair, const struct keypair_form *form,
                    const unsigned char *data, size_t len, const unsigned char *signature)
{
    bool right;

    evp_quiet_begin(keypair->evp);
    right = verify(keypair, form, data, len, signature);
    evp_quiet_end(keypair->evp);
    return right;
}
