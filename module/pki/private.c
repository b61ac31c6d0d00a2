/* SPDX-License-Identifier: Apache-2.0 */
#include "module/pki/private.h"

#include "module/pki/bundle.h"
#include "module/pki/openssh.h"
#include "module/pki/pbe.h"

/* rsaEncryption (RFC 8017, A.1) and id-ecPublicKey (RFC 5480, 2.1.1) */
static const unsigned char oid_rsa[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01};
static const unsigned char oid_ec[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01};

#define IS(oid, bytes) der_equal(oid, (struct der){bytes, sizeof bytes})

const char *pki_fault_text(enum pki_fault fault)
{
    switch (fault) {
    case PKI_OK:
        break;
    case PKI_NO_KEY:
        return "holds no private key; store one in PEM or DER, or take it out of pkcs11.keys";
    case PKI_MALFORMED:
        return "holds a private key or certificate that is damaged; store it again, and try it "
               "with: openssl pkey -noout -check";
    case PKI_ALGORITHM:
        return "holds a key of a kind that is not supported; use RSA with two primes, P-256, "
               "P-384, P-521, Ed25519, Ed448 or X25519";
    case PKI_KEY_SIZE:
        return "holds an RSA key that is too small, too large or has an unusual exponent; use "
               "2048 to 8192 bits";
    case PKI_ENCRYPTED:
        return "holds an encrypted key; name the secret with its passphrase (\"passphrase\" in "
               "pkcs11.keys), or log in with the passphrase as the PIN";
    case PKI_WRONG_PASSPHRASE:
        return "holds an encrypted key that the passphrase does not open; correct the passphrase";
    case PKI_OLD_ENCRYPTION:
        return "holds a key in an encrypted form that is not supported, or that takes too long to "
               "open; convert it with: openssl pkcs8 -topk8, or ssh-keygen -p";
    case PKI_NO_PASSPHRASE:
        return "needs the passphrase in another secret";
    case PKI_NO_CERTIFICATES:
        return "has its certificates in another secret";
    case PKI_NO_MEMORY:
        return "cannot be read: out of memory; give the process more";
    case PKI_NO_LIBRARY:
        return "cannot be used: libcrypto is missing or failed; install OpenSSL 3";
    }
    return "is a key";
}

void pki_private_drop(struct pki_private *key)
{
    store_secret_wipe(&key->memory);
    *key = (struct pki_private){0};
}

size_t pki_bits(struct der number)
{
    size_t bits = number.len * 8;

    for (unsigned top = number.len == 0 ? 0x80 : number.data[0]; (top & 0x80) == 0 && bits > 0;
         top <<= 1)
        bits--;
    return bits;
}

enum pki_fault pki_check_rsa(struct der n, struct der e)
{
    size_t bits = pki_bits(n);

    if (bits < PKI_RSA_MIN || bits > PKI_RSA_MAX || e.len > 8 || pki_bits(e) < 2 ||
        (e.data[e.len - 1] & 1) == 0)
        return PKI_KEY_SIZE;
    return (n.data[n.len - 1] & 1) == 0 ? PKI_MALFORMED : PKI_OK;
}

/* The other numbers are at most as long as the modulus: the time of a signature grows with each. */
static enum pki_fault check_rsa(const struct pki_private *key)
{
    enum pki_fault fault = pki_check_rsa(key->rsa[RSA_N], key->rsa[RSA_E]);

    if (fault != PKI_OK)
        return fault;
    for (size_t i = 0; i < RSA_NUMBERS; i++)
        if (key->rsa[i].len > key->rsa[RSA_N].len)
            return PKI_MALFORMED;
    return PKI_OK;
}

/* RSAPrivateKey of version 0 has two primes, and of version 1 more. */
static enum pki_fault read_rsa(struct der in, struct pki_private *out)
{
    struct der body;
    bool more;

    if (!der_read(&in, DER_SEQUENCE, &body) || in.len != 0)
        return PKI_MALFORMED;
    more = der_small(&body, 1);
    if (!more && !der_small(&body, 0))
        return PKI_MALFORMED;
    for (size_t i = 0; i < RSA_NUMBERS; i++)
        if (!der_unsigned(&body, &out->rsa[i]))
            return PKI_MALFORMED;
    out->type = PKI_RSA;
    if (more)
        return der_skip(&body) && body.len == 0 ? PKI_ALGORITHM : PKI_MALFORMED;
    return body.len == 0 ? PKI_OK : PKI_MALFORMED;
}

/* The parameters of an EC key: a curve by its name, which must be that of the key around it. */
static enum pki_fault read_curve(struct der in, bool known, enum pki_type *type)
{
    enum pki_type found;
    struct der oid;

    if (!der_read(&in, DER_OID, &oid))
        return PKI_ALGORITHM; /* explicit parameters */
    if (in.len != 0)
        return PKI_MALFORMED;
    if (!pki_curve_find(oid, &found) || !pki_is_ecdsa(found))
        return PKI_ALGORITHM;
    if (known && found != *type)
        return PKI_MALFORMED;
    *type = found;
    return PKI_OK;
}

/* ECPrivateKey. In PKCS#8 the curve is known before. */
static enum pki_fault read_ec(struct der in, bool known, struct pki_private *out)
{
    enum pki_fault fault = PKI_OK;
    struct der body;
    struct der part;

    if (!der_read(&in, DER_SEQUENCE, &body) || in.len != 0 || !der_small(&body, 1) ||
        !der_read(&body, DER_OCTET_STRING, &out->scalar))
        return PKI_MALFORMED;
    if (der_read(&body, DER_CONTEXT(0), &part))
        fault = read_curve(part, known, &out->type);
    else if (!known)
        fault = PKI_ALGORITHM;
    if (fault == PKI_OK && der_read(&body, DER_CONTEXT(1), &part) &&
        (!der_bits(&part, &out->point) || part.len != 0))
        fault = PKI_MALFORMED;
    if (fault == PKI_OK && body.len != 0)
        fault = PKI_MALFORMED;
    return fault;
}

/* The key inside PrivateKeyInfo, by its algorithm. */
static enum pki_fault read_inner(struct der algorithm, struct der inner, struct pki_private *out)
{
    enum pki_fault fault;
    struct der oid;

    if (!der_read(&algorithm, DER_OID, &oid))
        return PKI_MALFORMED;
    if (IS(oid, oid_rsa))
        return read_rsa(inner, out);
    if (IS(oid, oid_ec)) {
        fault = read_curve(algorithm, false, &out->type);
        return fault == PKI_OK ? read_ec(inner, true, out) : fault;
    }
    if (!pki_curve_find(oid, &out->type) || pki_is_ecdsa(out->type))
        return PKI_ALGORITHM;
    if (algorithm.len != 0 || !der_read(&inner, DER_OCTET_STRING, &out->scalar) || inner.len != 0)
        return PKI_MALFORMED;
    return PKI_OK;
}

/* PrivateKeyInfo of version 0, or 1 with a public key, which is derived anew all the same. */
static enum pki_fault read_pkcs8(struct der in, struct pki_private *out)
{
    struct der body;
    struct der algorithm;
    struct der inner;

    if (!der_read(&in, DER_SEQUENCE, &body) || in.len != 0 ||
        (!der_small(&body, 0) && !der_small(&body, 1)) ||
        !der_read(&body, DER_SEQUENCE, &algorithm) || !der_read(&body, DER_OCTET_STRING, &inner))
        return PKI_MALFORMED;
    while (body.len > 0)
        if (!der_skip(&body))
            return PKI_MALFORMED;
    return read_inner(algorithm, inner, out);
}

static enum pki_fault read_encrypted(const struct store_secret *bytes,
                                     const struct store_secret *passphrase, struct pki_private *out)
{
    enum pki_fault fault;

    if (passphrase == NULL || passphrase->len == 0)
        return PKI_ENCRYPTED;
    fault = pbe_decrypt(bytes, passphrase, &out->memory);
    if (fault != PKI_OK)
        return fault;
    /* about one wrong passphrase in 256 gives bytes that only do not parse */
    fault = read_pkcs8((struct der){out->memory.data, out->memory.len}, out);
    return fault == PKI_MALFORMED ? PKI_WRONG_PASSPHRASE : fault;
}

static enum pki_fault read_part(const struct bundle_part *part,
                                const struct store_secret *passphrase, struct pki_private *out)
{
    const struct der in = {part->bytes.data, part->bytes.len};

    if (part->kind == BUNDLE_OLD)
        return PKI_OLD_ENCRYPTION;
    if (part->kind == BUNDLE_ENCRYPTED)
        return read_encrypted(&part->bytes, passphrase, out);
    store_secret_share(&out->memory, &part->bytes);
    switch (part->kind) {
    case BUNDLE_RSA:
        return read_rsa(in, out);
    case BUNDLE_EC:
        return read_ec(in, false, out);
    case BUNDLE_OPENSSH:
        return openssh_read(in, out);
    default:
        return read_pkcs8(in, out);
    }
}

static bool is_zero(struct der number)
{
    unsigned char any = 0;

    for (size_t i = 0; i < number.len; i++)
        any |= number.data[i];
    return any == 0;
}

/* A compressed point is as good as none: the point is derived anyway. */
static void drop_compressed(struct pki_private *key)
{
    if (pki_is_ecdsa(key->type) && key->point.len == 1 + pki_curve_size(key->type) &&
        (key->point.data[0] & 0xfe) == 2)
        key->point.len = 0;
}

enum pki_fault pki_private_check(const struct pki_private *key)
{
    size_t size = pki_curve_size(key->type);

    if (key->type == PKI_RSA)
        return check_rsa(key);
    if (key->scalar.len == 0 || key->scalar.len > size || is_zero(key->scalar) ||
        (!pki_is_ecdsa(key->type) && key->scalar.len != size))
        return PKI_MALFORMED;
    if (key->point.len != 0 && key->point.len != pki_point_size(key->type))
        return PKI_MALFORMED;
    return PKI_OK;
}

enum pki_fault pki_private_read(const struct store_secret *value,
                                const struct store_secret *passphrase, struct pki_private *out)
{
    enum pki_fault fault = PKI_NO_KEY;
    enum store_err err = STORE_OK;
    bool foreign = false;
    size_t at = 0;

    while (fault == PKI_NO_KEY) {
        AUTO_PART part = {0};
        err = bundle_next(value, &at, &part);
        if (err != STORE_OK)
            break;
        if (part.kind == BUNDLE_FOREIGN)
            foreign = true;
        else if (part.kind != BUNDLE_OTHER && part.kind != BUNDLE_CERTIFICATE &&
                 part.kind != BUNDLE_UNREAD)
            fault = read_part(&part, passphrase, out);
    }
    if (fault == PKI_NO_KEY && foreign)
        fault = PKI_ALGORITHM;
    if (err == STORE_NO_MEMORY)
        fault = PKI_NO_MEMORY;
    else if (err == STORE_CORRUPT)
        fault = PKI_MALFORMED;
    if (fault == PKI_OK) {
        drop_compressed(out);
        fault = pki_private_check(out);
    }
    if (fault != PKI_OK)
        pki_private_drop(out);
    return fault;
}
