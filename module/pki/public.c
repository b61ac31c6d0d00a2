/* SPDX-License-Identifier: Apache-2.0 */
#include "module/pki/public.h"

#include <stdlib.h>
#include <string.h>

/* AlgorithmIdentifier of rsaEncryption with its NULL (RFC 8017, A.1); id-ecPublicKey as an element
 */
static const unsigned char rsa_algorithm[] = {0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
                                              0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00};
static const unsigned char ec_algorithm[] = {0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01};

/* Room around the numbers: four headers, an algorithm, and a zero in front of three numbers. */
#define OVERHEAD 128

/* Where the next bytes go. */
struct writer {
    unsigned char *at;
};

static struct der put(struct writer *writer, const void *data, size_t len)
{
    struct der put = {writer->at, len};

    memcpy(writer->at, data, len);
    writer->at += len;
    return put;
}

static void put_header(struct writer *writer, unsigned tag, size_t len)
{
    unsigned char header[DER_HEADER_MAX];

    (void)put(writer, header, der_header(header, tag, len));
}

static size_t header_len(size_t len)
{
    unsigned char header[DER_HEADER_MAX];

    return der_header(header, 0, len);
}

/* The bytes of a number's content: a zero goes before a set top bit. */
static size_t integer_len(struct der number)
{
    return number.len + ((number.data[0] & 0x80) != 0);
}

static struct der put_integer(struct writer *writer, struct der number)
{
    size_t len = integer_len(number);

    put_header(writer, DER_INTEGER, len);
    if (len > number.len)
        *writer->at++ = 0;
    return put(writer, number.data, number.len);
}

/* Begins SubjectPublicKeyInfo: all up to the key's bits, of which there are `len` bytes. */
static void begin_info(struct pki_public *out, struct writer *writer, struct der algorithm,
                       size_t len)
{
    size_t bits = 1 + len;

    out->info.data = writer->at;
    put_header(writer, DER_SEQUENCE, algorithm.len + header_len(bits) + bits);
    (void)put(writer, algorithm.data, algorithm.len);
    put_header(writer, DER_BIT_STRING, bits);
    *writer->at++ = 0; /* unused bits */
}

static void end_info(struct pki_public *out, const struct writer *writer, size_t len)
{
    out->key_bits = (struct der){writer->at - len, len};
    out->info.len = (size_t)(writer->at - out->info.data);
}

bool pki_public_rsa(struct pki_public *out, struct der n, struct der e)
{
    struct writer writer = {malloc(n.len + e.len + OVERHEAD)};
    size_t numbers =
        header_len(integer_len(n)) + integer_len(n) + header_len(integer_len(e)) + integer_len(e);
    size_t len = header_len(numbers) + numbers;

    if (writer.at == NULL)
        return false;
    out->memory = writer.at;
    out->type = PKI_RSA;
    out->bits = pki_bits(n);
    begin_info(out, &writer, (struct der){rsa_algorithm, sizeof rsa_algorithm}, len);
    put_header(&writer, DER_SEQUENCE, numbers);
    out->modulus = put_integer(&writer, n);
    out->exponent = put_integer(&writer, e);
    end_info(out, &writer, len);
    return true;
}

/* The AlgorithmIdentifier of a curve, and in it the OID that is CKA_EC_PARAMS. */
static struct der curve_algorithm(struct pki_public *out, struct writer *writer, struct der oid)
{
    const unsigned char *start = writer->at;
    size_t named = pki_is_ecdsa(out->type) ? sizeof ec_algorithm : 0;
    const unsigned char *params;

    put_header(writer, DER_SEQUENCE, named + header_len(oid.len) + oid.len);
    (void)put(writer, ec_algorithm, named);
    params = writer->at;
    put_header(writer, DER_OID, oid.len);
    (void)put(writer, oid.data, oid.len);
    out->params = (struct der){params, (size_t)(writer->at - params)};
    return (struct der){start, (size_t)(writer->at - start)};
}

bool pki_public_curve(struct pki_public *out, enum pki_type type, struct der point)
{
    struct writer writer = {malloc(2 * point.len + OVERHEAD)};
    struct der algorithm;

    if (writer.at == NULL)
        return false;
    out->memory = writer.at;
    out->type = type;
    out->bits = type == PKI_P521      ? 521
                : type == PKI_ED25519 ? 255
                : type == PKI_X25519  ? 255
                : type == PKI_ED448   ? 448
                                      : pki_curve_size(type) * 8;
    out->ec_point.data = writer.at;
    put_header(&writer, DER_OCTET_STRING, point.len);
    out->point = put(&writer, point.data, point.len);
    out->ec_point.len = (size_t)(writer.at - out->ec_point.data);
    algorithm = curve_algorithm(out, &writer, pki_curve_oid(type));
    begin_info(out, &writer, algorithm, point.len);
    (void)put(&writer, point.data, point.len);
    end_info(out, &writer, point.len);
    return true;
}

static enum pki_fault read_rsa(struct der bits, struct pki_public *out)
{
    struct der numbers;
    struct der n;
    struct der e;
    enum pki_fault fault;

    if (!der_read(&bits, DER_SEQUENCE, &numbers) || !der_unsigned(&numbers, &n) ||
        !der_unsigned(&numbers, &e))
        return PKI_MALFORMED;
    fault = pki_check_rsa(n, e);
    return fault != PKI_OK ? fault : pki_public_rsa(out, n, e) ? PKI_OK : PKI_NO_MEMORY;
}

/* The OID that names the curve: of EdDSA the algorithm's, of ECDSA the one after that. */
static enum pki_fault read_curve(struct der algorithm, struct der bits, struct pki_public *out)
{
    struct der oid;
    enum pki_type type;

    if (algorithm.len > sizeof ec_algorithm &&
        memcmp(algorithm.data, ec_algorithm, sizeof ec_algorithm) == 0)
        (void)der_skip(&algorithm);
    if (!der_read(&algorithm, DER_OID, &oid))
        return PKI_MALFORMED;
    if (!pki_curve_find(oid, &type))
        return PKI_ALGORITHM;
    if (bits.len != pki_point_size(type) || (pki_is_ecdsa(type) && bits.data[0] != 4))
        return PKI_MALFORMED;
    return pki_public_curve(out, type, bits) ? PKI_OK : PKI_NO_MEMORY;
}

enum pki_fault pki_public_read(struct der info, struct pki_public *out)
{
    struct der in = info;
    struct der body;
    struct der algorithm;
    struct der whole;
    struct der bits;
    enum pki_fault fault;

    if (!der_read(&in, DER_SEQUENCE, &body))
        return PKI_MALFORMED;
    whole = body;
    if (!der_read(&body, DER_SEQUENCE, &algorithm) || !der_bits(&body, &bits))
        return PKI_MALFORMED;
    if (whole.len > sizeof rsa_algorithm &&
        memcmp(whole.data, rsa_algorithm, sizeof rsa_algorithm) == 0)
        fault = read_rsa(bits, out);
    else
        fault = read_curve(algorithm, bits, out);
    if (fault == PKI_OK && !der_equal(out->info, info)) { /* in another form, or with more in it */
        pki_public_free(out);
        fault = PKI_MALFORMED;
    }
    return fault;
}

void pki_public_free(struct pki_public *key)
{
    free(key->memory);
    *key = (struct pki_public){0};
}
