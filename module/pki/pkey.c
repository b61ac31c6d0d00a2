/* SPDX-License-Identifier: Apache-2.0 */
#include "module/pki/pkey.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>

#include "module/pki/pkey_load.h"

/* Room for an ECDSA-Sig-Value of P-521 (RFC 3279, 2.2.3). */
#define ECDSA_DER_MAX 141

static void unprepare(struct pkey *pkey)
{
    pkey->evp->f.EVP_PKEY_CTX_free(pkey->ctx);
    pkey->evp->f.EVP_MD_CTX_free(pkey->md);
    pkey->ctx = NULL;
    pkey->md = NULL;
}

void pkey_free(struct pkey *pkey)
{
    if (pkey == NULL)
        return;
    unprepare(pkey);
    pkey->evp->f.EVP_PKEY_free(pkey->key);
    free(pkey);
}

size_t pkey_signature_len(const struct pkey *pkey)
{
    return pkey->signature_len;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool is_prepared(const struct pkey *pkey, const struct pkey_form *form, bool signs)
{
    return pkey->ctx != NULL && pkey->signs == signs &&
           same_text(pkey->form.padding, form->padding) &&
           same_text(pkey->form.digest, form->digest) && same_text(pkey->form.mgf, form->mgf) &&
           pkey->form.salt_len == form->salt_len;
}

static OSSL_PARAM text_param(const char *name, const char *text)
{
    return (OSSL_PARAM){name, OSSL_PARAM_UTF8_STRING, (void *)(uintptr_t)text, strlen(text),
                        OSSL_PARAM_UNMODIFIED};
}

static size_t fill_params(const struct pkey_form *form, int *salt, OSSL_PARAM params[5])
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
static bool prepare(struct pkey *pkey, const struct pkey_form *form, bool signs)
{
    const struct evp_functions *f = &pkey->evp->f;
    OSSL_PARAM params[5];
    int salt = form->salt_len;
    int done;

    if (is_prepared(pkey, form, signs))
        return true;
    unprepare(pkey);
    (void)fill_params(form, &salt, params);
    pkey->ctx = f->EVP_PKEY_CTX_new_from_pkey(pkey->evp->ctx, pkey->key, NULL);
    if (pkey->ctx == NULL)
        return false;
    done = signs ? f->EVP_PKEY_sign_init_ex(pkey->ctx, params)
                 : f->EVP_PKEY_verify_init_ex(pkey->ctx, params);
    if (done != 1) {
        unprepare(pkey);
        return false;
    }
    pkey->form = *form;
    pkey->signs = signs;
    return true;
}

/* EdDSA has no context that outlives a signature. */
static bool prepare_eddsa(struct pkey *pkey, bool signs)
{
    const struct evp_functions *f = &pkey->evp->f;

    unprepare(pkey);
    pkey->md = f->EVP_MD_CTX_new();
    if (pkey->md == NULL)
        return false;
    return (signs ? f->EVP_DigestSignInit_ex(pkey->md, NULL, NULL, pkey->evp->ctx, NULL, pkey->key,
                                             NULL)
                  : f->EVP_DigestVerifyInit_ex(pkey->md, NULL, NULL, pkey->evp->ctx, NULL,
                                               pkey->key, NULL)) == 1;
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

static bool sign_ecdsa(struct pkey *pkey, const unsigned char *data, size_t len, unsigned char *out)
{
    unsigned char der[ECDSA_DER_MAX];
    size_t der_len = sizeof der;

    return pkey->evp->f.EVP_PKEY_sign(pkey->ctx, der, &der_len, data, len) == 1 &&
           ecdsa_to_raw((struct der){der, der_len}, pki_curve_size(pkey->type), out);
}

static bool sign(struct pkey *pkey, const struct pkey_form *form, const unsigned char *data,
                 size_t len, unsigned char *out)
{
    size_t out_len = pkey->signature_len;

    if (pki_is_eddsa(pkey->type))
        return prepare_eddsa(pkey, true) &&
               pkey->evp->f.EVP_DigestSign(pkey->md, out, &out_len, data, len) == 1 &&
               out_len == pkey->signature_len;
    if (!prepare(pkey, form, true))
        return false;
    if (pki_is_ecdsa(pkey->type))
        return sign_ecdsa(pkey, data, len, out);
    return pkey->evp->f.EVP_PKEY_sign(pkey->ctx, out, &out_len, data, len) == 1 &&
           out_len == pkey->signature_len;
}

bool pkey_sign(struct pkey *pkey, const struct pkey_form *form, const unsigned char *data,
               size_t len, unsigned char *out)
{
    bool done;

    evp_quiet_begin(pkey->evp);
    done = sign(pkey, form, data, len, out);
    evp_quiet_end(pkey->evp);
    return done;
}

static bool verify(struct pkey *pkey, const struct pkey_form *form, const unsigned char *data,
                   size_t len, const unsigned char *signature)
{
    unsigned char der[ECDSA_DER_MAX];
    size_t signature_len = pkey->signature_len;

    if (pki_is_eddsa(pkey->type))
        return prepare_eddsa(pkey, false) &&
               pkey->evp->f.EVP_DigestVerify(pkey->md, signature, signature_len, data, len) == 1;
    if (!prepare(pkey, form, false))
        return false;
    if (pki_is_ecdsa(pkey->type)) {
        signature_len = ecdsa_from_raw(signature, pki_curve_size(pkey->type), der);
        signature = der;
    }
    return pkey->evp->f.EVP_PKEY_verify(pkey->ctx, signature, signature_len, data, len) == 1;
}

bool pkey_verify(struct pkey *pkey, const struct pkey_form *form, const unsigned char *data,
                 size_t len, const unsigned char *signature)
{
    bool right;

    evp_quiet_begin(pkey->evp);
    right = verify(pkey, form, data, len, signature);
    evp_quiet_end(pkey->evp);
    return right;
}
