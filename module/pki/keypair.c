/* SPDX-License-Identifier: Apache-2.0 */
#include "module/pki/keypair.h"

#include <stdlib.h>
#include <string.h>

#include "module/pki/keypair_part.h"
#include "module/pki/unpad.h"
#include "module/traces.h"

void keypair_free(struct keypair *keypair)
{
    const struct evp_functions *f;

    if (keypair == NULL)
        return;
    f = &keypair->evp->f;
    f->RSA_free(keypair->rsa);
    f->EC_KEY_free(keypair->ec);
    f->EVP_PKEY_free(keypair->other);
    free(keypair);
}

size_t keypair_signature_len(const struct keypair *keypair)
{
    return keypair->signature_len;
}

/* The two digests of PSS and OAEP, from this module's library context. */
struct masks {
    EVP_MD *hash;
    EVP_MD *mgf;
};

static bool masks_begin(const struct evp *evp, const struct keypair_form *form, struct masks *out)
{
    out->hash = evp->f.EVP_MD_fetch(evp->ctx, form->digest->name, NULL);
    out->mgf = evp->f.EVP_MD_fetch(evp->ctx, form->mgf->name, NULL);
    return out->hash != NULL && out->mgf != NULL;
}

static void masks_end(const struct evp *evp, struct masks *masks)
{
    evp->f.EVP_MD_free(masks->hash);
    evp->f.EVP_MD_free(masks->mgf);
}

/* RFC 8017, 8.1.1 */
static bool sign_pss(const struct keypair *keypair, const struct keypair_form *form,
                     const unsigned char *hash, unsigned char *out)
{
    const struct evp *evp = keypair->evp;
    int size = (int)keypair->signature_len;
    unsigned char encoded[KEYPAIR_SIGNATURE_MAX];
    struct masks masks;
    bool done =
        masks_begin(evp, form, &masks) &&
        evp->f.RSA_padding_add_PKCS1_PSS_mgf1(keypair->rsa, encoded, hash, masks.hash, masks.mgf,
                                              form->salt_len) == 1 &&
        evp->f.RSA_private_encrypt(size, encoded, out, keypair->rsa, RSA_NO_PADDING) == size;

    masks_end(evp, &masks);
    return done;
}

/* Puts zeros in front of the data, as PKCS#11 3.0 does, 2.1.14 of the mechanisms. */
static void fill_raw(const struct keypair *keypair, const unsigned char *data, size_t len,
                     unsigned char out[KEYPAIR_SIGNATURE_MAX])
{
    size_t zeros = keypair->signature_len - len;

    memset(out, 0, zeros);
    if (len > 0)
        memcpy(out + zeros, data, len);
}

static bool sign_raw(const struct keypair *keypair, const unsigned char *data, size_t len,
                     unsigned char *out)
{
    unsigned char filled[KEYPAIR_SIGNATURE_MAX];
    int size = (int)keypair->signature_len;

    fill_raw(keypair, data, len, filled);
    return keypair->evp->f.RSA_private_encrypt(size, filled, out, keypair->rsa, RSA_NO_PADDING) ==
           size;
}

static bool sign_rsa(const struct keypair *keypair, const struct keypair_form *form,
                     const unsigned char *data, size_t len, unsigned char *out)
{
    const struct evp_functions *f = &keypair->evp->f;
    unsigned out_len = 0;

    if (form->padding == KEYPAIR_PSS)
        return sign_pss(keypair, form, data, out);
    if (form->padding == KEYPAIR_RAW)
        return sign_raw(keypair, data, len, out);
    if (form->digest == NULL)
        return f->RSA_private_encrypt((int)len, data, out, keypair->rsa, RSA_PKCS1_PADDING) ==
               (int)keypair->signature_len;
    return f->RSA_sign(form->digest->nid, data, (unsigned)len, out, &out_len, keypair->rsa) == 1 &&
           out_len == keypair->signature_len;
}

static bool sign_ecdsa(const struct keypair *keypair, const unsigned char *data, size_t len,
                       unsigned char *out)
{
    const struct evp_functions *f = &keypair->evp->f;
    int size = (int)pki_curve_size(keypair->type);
    ECDSA_SIG *signature = f->ECDSA_do_sign(data, (int)len, keypair->ec);
    const BIGNUM *r;
    const BIGNUM *s;
    bool done;

    if (signature == NULL)
        return false;
    f->ECDSA_SIG_get0(signature, &r, &s);
    done = f->BN_bn2binpad(r, out, size) == size && f->BN_bn2binpad(s, out + size, size) == size;
    f->ECDSA_SIG_free(signature);
    return done;
}

static bool sign_eddsa(const struct keypair *keypair, const unsigned char *data, size_t len,
                       unsigned char *out)
{
    const struct evp *evp = keypair->evp;
    EVP_MD_CTX *ctx = evp->f.EVP_MD_CTX_new();
    size_t out_len = keypair->signature_len;
    bool done =
        ctx != NULL &&
        evp->f.EVP_DigestSignInit_ex(ctx, NULL, NULL, evp->ctx, NULL, keypair->other, NULL) == 1 &&
        evp->f.EVP_DigestSign(ctx, out, &out_len, data, len) == 1 &&
        out_len == keypair->signature_len;

    evp->f.EVP_MD_CTX_free(ctx);
    return done;
}

bool keypair_sign(struct keypair *keypair, const struct keypair_form *form,
                  const unsigned char *data, size_t len, unsigned char *out)
{
    bool done;

    evp_quiet_begin(keypair->evp);
    if (keypair->rsa != NULL)
        done = sign_rsa(keypair, form, data, len, out);
    else if (keypair->ec != NULL)
        done = sign_ecdsa(keypair, data, len, out);
    else
        done = sign_eddsa(keypair, data, len, out);
    evp_quiet_end(keypair->evp);
    traces_wipe_key();
    return done;
}

static bool verify_pss(const struct keypair *keypair, const struct keypair_form *form,
                       const unsigned char *hash, const unsigned char *signature)
{
    const struct evp *evp = keypair->evp;
    int size = (int)keypair->signature_len;
    unsigned char encoded[KEYPAIR_SIGNATURE_MAX];
    struct masks masks;
    bool right =
        masks_begin(evp, form, &masks) &&
        evp->f.RSA_public_decrypt(size, signature, encoded, keypair->rsa, RSA_NO_PADDING) == size &&
        evp->f.RSA_verify_PKCS1_PSS_mgf1(keypair->rsa, hash, masks.hash, masks.mgf, encoded,
                                         form->salt_len) == 1;

    masks_end(evp, &masks);
    return right;
}

static bool verify_raw(const struct keypair *keypair, const unsigned char *data, size_t len,
                       const unsigned char *signature)
{
    unsigned char filled[KEYPAIR_SIGNATURE_MAX];
    unsigned char signed_data[KEYPAIR_SIGNATURE_MAX];
    int size = (int)keypair->signature_len;

    fill_raw(keypair, data, len, filled);
    return keypair->evp->f.RSA_public_decrypt(size, signature, signed_data, keypair->rsa,
                                              RSA_NO_PADDING) == size &&
           memcmp(signed_data, filled, keypair->signature_len) == 0;
}

static bool verify_rsa(const struct keypair *keypair, const struct keypair_form *form,
                       const unsigned char *data, size_t len, const unsigned char *signature)
{
    const struct evp_functions *f = &keypair->evp->f;
    unsigned char signed_data[KEYPAIR_SIGNATURE_MAX];
    int signed_len;

    if (form->padding == KEYPAIR_PSS)
        return verify_pss(keypair, form, data, signature);
    if (form->padding == KEYPAIR_RAW)
        return verify_raw(keypair, data, len, signature);
    if (form->digest != NULL)
        return f->RSA_verify(form->digest->nid, data, (unsigned)len, signature,
                             (unsigned)keypair->signature_len, keypair->rsa) == 1;
    signed_len = f->RSA_public_decrypt((int)keypair->signature_len, signature, signed_data,
                                       keypair->rsa, RSA_PKCS1_PADDING);
    return signed_len >= 0 && (size_t)signed_len == len &&
           (len == 0 || memcmp(signed_data, data, len) == 0);
}

static bool verify_ecdsa(const struct keypair *keypair, const unsigned char *data, size_t len,
                         const unsigned char *given)
{
    const struct evp_functions *f = &keypair->evp->f;
    int size = (int)pki_curve_size(keypair->type);
    ECDSA_SIG *signature = f->ECDSA_SIG_new();
    BIGNUM *r = f->BN_bin2bn(given, size, NULL);
    BIGNUM *s = f->BN_bin2bn(given + size, size, NULL);
    bool right = false;

    if (signature != NULL && r != NULL && s != NULL && f->ECDSA_SIG_set0(signature, r, s) == 1) {
        right = f->ECDSA_do_verify(data, (int)len, signature, keypair->ec) == 1;
    } else {
        f->BN_free(r);
        f->BN_free(s);
    }
    f->ECDSA_SIG_free(signature);
    return right;
}

static bool verify_eddsa(const struct keypair *keypair, const unsigned char *data, size_t len,
                         const unsigned char *signature)
{
    const struct evp *evp = keypair->evp;
    EVP_MD_CTX *ctx = evp->f.EVP_MD_CTX_new();
    bool right = ctx != NULL &&
                 evp->f.EVP_DigestVerifyInit_ex(ctx, NULL, NULL, evp->ctx, NULL, keypair->other,
                                                NULL) == 1 &&
                 evp->f.EVP_DigestVerify(ctx, signature, keypair->signature_len, data, len) == 1;

    evp->f.EVP_MD_CTX_free(ctx);
    return right;
}

/* RFC 8017, 7.1.2. libcrypto checks the padding in constant time. */
static bool unpad_oaep(const struct keypair *keypair, const struct keypair_form *form,
                       const unsigned char *encoded, unsigned char *out, size_t *out_len)
{
    const struct evp *evp = keypair->evp;
    int size = (int)keypair->signature_len;
    struct masks masks;
    int len = -1;

    if (masks_begin(evp, form, &masks))
        len = evp->f.RSA_padding_check_PKCS1_OAEP_mgf1(out, size, encoded, size, size, form->label,
                                                       form->label_len, masks.hash, masks.mgf);
    masks_end(evp, &masks);
    *out_len = len < 0 ? 0 : (size_t)len;
    return len >= 0;
}

static bool unpad(const struct keypair *keypair, const struct keypair_form *form,
                  const unsigned char *data, const unsigned char *encoded, unsigned char *out,
                  size_t *out_len)
{
    if (form->padding == KEYPAIR_OAEP)
        return unpad_oaep(keypair, form, encoded, out, out_len);
    if (form->padding == KEYPAIR_PKCS1)
        return unpad_pkcs1(keypair, data, encoded, out, out_len);
    memcpy(out, encoded, keypair->signature_len);
    *out_len = keypair->signature_len;
    return true;
}

bool keypair_decrypt(struct keypair *keypair, const struct keypair_form *form,
                     const unsigned char *data, unsigned char *out, size_t *out_len)
{
    unsigned char encoded[KEYPAIR_SIGNATURE_MAX];
    int size = (int)keypair->signature_len;
    bool done;

    evp_quiet_begin(keypair->evp);
    done = keypair->evp->f.RSA_private_decrypt(size, data, encoded, keypair->rsa, RSA_NO_PADDING) ==
               size &&
           unpad(keypair, form, data, encoded, out, out_len);
    evp_quiet_end(keypair->evp);
    store_wipe(encoded, sizeof encoded);
    traces_wipe_key();
    return done;
}

size_t keypair_encrypt_max(const struct keypair *keypair, const struct keypair_form *form)
{
    size_t around = 2 * form->digest->len + 2; /* RFC 8017, 7.1.1 */

    return keypair->signature_len > around ? keypair->signature_len - around : 0;
}

bool keypair_encrypt(struct keypair *keypair, const struct keypair_form *form,
                     const unsigned char *data, size_t len, unsigned char *out)
{
    const struct evp *evp = keypair->evp;
    int size = (int)keypair->signature_len;
    unsigned char encoded[KEYPAIR_SIGNATURE_MAX];
    struct masks masks;
    bool done;

    evp_quiet_begin(evp);
    done = masks_begin(evp, form, &masks) &&
           evp->f.RSA_padding_add_PKCS1_OAEP_mgf1(encoded, size, data, (int)len, form->label,
                                                  form->label_len, masks.hash, masks.mgf) == 1 &&
           evp->f.RSA_public_encrypt(size, encoded, out, keypair->rsa, RSA_NO_PADDING) == size;
    masks_end(evp, &masks);
    evp_quiet_end(evp);
    store_wipe(encoded, sizeof encoded);
    traces_wipe_key();
    return done;
}

static bool agree_ec(const struct keypair *keypair, const struct keypair *peer, size_t size,
                     unsigned char *out)
{
    const struct evp_functions *f = &keypair->evp->f;
    const EC_POINT *point = f->EC_KEY_get0_public_key(peer->ec);

    return f->ECDH_compute_key(out, size, point, keypair->ec, NULL) == (int)size;
}

static bool agree_x25519(const struct keypair *keypair, const struct keypair *peer, size_t size,
                         unsigned char *out)
{
    const struct evp *evp = keypair->evp;
    EVP_PKEY_CTX *ctx = evp->f.EVP_PKEY_CTX_new_from_pkey(evp->ctx, keypair->other, NULL);
    unsigned char any = 0;
    size_t len = size;
    bool done = ctx != NULL && evp->f.EVP_PKEY_derive_init(ctx) == 1 &&
                evp->f.EVP_PKEY_derive_set_peer(ctx, peer->other) == 1 &&
                evp->f.EVP_PKEY_derive(ctx, out, &len) == 1 && len == size;

    evp->f.EVP_PKEY_CTX_free(ctx);
    for (size_t i = 0; done && i < size; i++)
        any |= out[i];
    return done && any != 0;
}

bool keypair_agree(struct keypair *keypair, struct keypair *peer, unsigned char *out)
{
    size_t size = pki_curve_size(keypair->type);
    bool done;

    evp_quiet_begin(keypair->evp);
    if (keypair->ec != NULL)
        done = agree_ec(keypair, peer, size, out);
    else
        done = agree_x25519(keypair, peer, size, out);
    evp_quiet_end(keypair->evp);
    traces_wipe_key();
    return done;
}

bool keypair_verify(struct keypair *keypair, const struct keypair_form *form,
                    const unsigned char *data, size_t len, const unsigned char *signature)
{
    bool right;

    evp_quiet_begin(keypair->evp);
    if (keypair->rsa != NULL)
        right = verify_rsa(keypair, form, data, len, signature);
    else if (keypair->ec != NULL)
        right = verify_ecdsa(keypair, data, len, signature);
    else
        right = verify_eddsa(keypair, data, len, signature);
    evp_quiet_end(keypair->evp);
    return right;
}
