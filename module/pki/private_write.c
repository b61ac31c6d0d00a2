/* SPDX-License-Identifier: Apache-2.0 */
#include "module/pki/private_write.h"

#include "module/pki/der_write.h"
#include "module/pki/pbe.h"
#include "module/pki/pem.h"

static enum store_err append(struct store_secret *out, struct der bytes)
{
    return store_secret_append(out, bytes.data, bytes.len);
}

/* An INTEGER begins with a zero where its top bit would be set. */
static enum store_err append_integer(struct store_secret *out, struct der number)
{
    static const unsigned char zero = 0;
    bool top = number.len > 0 && (number.data[0] & 0x80) != 0;
    unsigned char header[DER_HEADER_MAX];

    TRY(store_secret_append(out, header, der_header(header, DER_INTEGER, number.len + top)));
    if (top)
        TRY(store_secret_append(out, &zero, 1));
    return append(out, number);
}

static enum store_err append_small(struct store_secret *out, unsigned char value)
{
    return append_integer(out, (struct der){&value, 1});
}

/* RSAPrivateKey (RFC 8017, A.1.2). */
static enum store_err append_rsa(struct store_secret *out, const struct pki_private *key)
{
    TRY(append_small(out, 0));
    for (size_t i = 0; i < RSA_NUMBERS; i++)
        TRY(append_integer(out, key->rsa[i]));
    return der_wrap(out, DER_SEQUENCE);
}

/* ECPrivateKey (RFC 5915), whose private number has the length of the curve's order. */
static enum store_err append_ec(struct store_secret *out, const struct pki_private *key,
                                struct der point)
{
    static const unsigned char none[1] = {0};
    AUTO_SECRET scalar = {0};
    AUTO_SECRET public = {0};

    for (size_t i = key->scalar.len; i < pki_curve_size(key->type); i++)
        TRY(store_secret_append(&scalar, none, 1));
    TRY(append(&scalar, key->scalar));
    TRY(store_secret_append(&public, none, 1)); /* unused bits */
    TRY(append(&public, point));
    TRY(der_wrap(&public, DER_BIT_STRING));
    TRY(append_small(out, 1));
    TRY(der_append(out, DER_OCTET_STRING, (struct der){scalar.data, scalar.len}));
    TRY(der_append(out, DER_CONTEXT(1), (struct der){public.data, public.len}));
    return der_wrap(out, DER_SEQUENCE);
}

/* The AlgorithmIdentifier of a public key, which is that of its private half. */
static struct der algorithm_of(const struct pki_public *public)
{
    struct der info = public->info;
    struct der algorithm = {0};
    struct der body;

    if (der_read(&info, DER_SEQUENCE, &body))
        (void)der_element(&body, DER_SEQUENCE, &algorithm);
    return algorithm;
}

enum store_err pki_private_write(const struct pki_private *key, const struct pki_public *public,
                                 struct store_secret *out)
{
    AUTO_SECRET inner = {0};
    AUTO_SECRET whole = {0};

    if (key->type == PKI_RSA)
        TRY(append_rsa(&inner, key));
    else if (pki_is_ecdsa(key->type))
        TRY(append_ec(&inner, key, public->point));
    else
        TRY(der_append(&inner, DER_OCTET_STRING, key->scalar));
    TRY(append_small(&whole, 0));
    TRY(append(&whole, algorithm_of(public)));
    TRY(der_append(&whole, DER_OCTET_STRING, (struct der){inner.data, inner.len}));
    TRY(der_wrap(&whole, DER_SEQUENCE));
    return pem_write("PRIVATE KEY", (struct der){whole.data, whole.len}, out);
}

enum pki_fault pki_private_encrypt(const struct store_secret *text,
                                   const struct store_secret *passphrase, struct store_secret *out)
{
    AUTO_PEM plain = {0};
    AUTO_SECRET encrypted = {0};
    size_t at = 0;
    enum pki_fault fault;

    if (pem_next(text, &at, &plain) != STORE_OK)
        return PKI_NO_MEMORY;
    fault = pbe_encrypt(&plain.der, passphrase, &encrypted);
    if (fault != PKI_OK)
        return fault;
    return pem_write("ENCRYPTED PRIVATE KEY", (struct der){encrypted.data, encrypted.len}, out) ==
                   STORE_OK
               ? PKI_OK
               : PKI_NO_MEMORY;
}
