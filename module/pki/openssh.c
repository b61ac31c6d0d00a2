/* SPDX-License-Identifier: Apache-2.0 */
#include "module/pki/openssh.h"

#include <string.h>

static const char magic[] = "openssh-key-v1"; /* with its NUL */

/* Reads four bytes, big endian. */
static bool read_number(struct der *in, size_t *number)
{
    if (in->len < 4)
        return false;
    *number = (size_t)in->data[0] << 24 | (size_t)in->data[1] << 16 | (size_t)in->data[2] << 8 |
              in->data[3];
    in->data += 4;
    in->len -= 4;
    return true;
}

/* Reads a string: its length and its bytes (RFC 4251, 5). */
static bool read_string(struct der *in, struct der *out)
{
    size_t len;

    if (!read_number(in, &len) || len > in->len)
        return false;
    *out = (struct der){in->data, len};
    in->data += len;
    in->len -= len;
    return true;
}

/* Reads an mpint that is positive, without its leading zeros. */
static bool read_mpint(struct der *in, struct der *out)
{
    if (!read_string(in, out) || out->len == 0 || (out->data[0] & 0x80) != 0)
        return false;
    while (out->len > 1 && out->data[0] == 0) {
        out->data++;
        out->len--;
    }
    return true;
}

static bool is(struct der text, const char *word)
{
    return der_equal(text, (struct der){(const unsigned char *)word, strlen(word)});
}

static enum pki_fault read_rsa(struct der *in, struct pki_private *out)
{
    static const enum pki_rsa order[] = {RSA_N, RSA_E, RSA_D, RSA_QI, RSA_P, RSA_Q};

    out->type = PKI_RSA;
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
        if (!read_mpint(in, &out->rsa[order[i]]))
            return PKI_MALFORMED;
    return PKI_OK;
}

static enum pki_fault read_ecdsa(struct der *in, struct pki_private *out)
{
    struct der curve;

    if (!read_string(in, &curve) || !read_string(in, &out->point) || !read_mpint(in, &out->scalar))
        return PKI_MALFORMED;
    if (is(curve, "nistp256"))
        out->type = PKI_P256;
    else if (is(curve, "nistp384"))
        out->type = PKI_P384;
    else if (is(curve, "nistp521"))
        out->type = PKI_P521;
    else
        return PKI_ALGORITHM;
    return PKI_OK;
}

/* The private string is the seed and the public key once more. */
static enum pki_fault read_ed25519(struct der *in, struct pki_private *out)
{
    struct der both;
    size_t size = pki_curve_size(PKI_ED25519);

    out->type = PKI_ED25519;
    if (!read_string(in, &out->point) || !read_string(in, &both) || both.len != 2 * size)
        return PKI_MALFORMED;
    out->scalar = (struct der){both.data, size};
    return PKI_OK;
}

/* The comment, then 1, 2, 3, … up to the end of a block of 8 bytes. */
static bool ends_right(struct der in)
{
    struct der comment;

    if (!read_string(&in, &comment) || in.len >= 8)
        return false;
    for (size_t i = 0; i < in.len; i++)
        if (in.data[i] != i + 1)
            return false;
    return true;
}

static enum pki_fault read_secret(struct der in, struct pki_private *out)
{
    enum pki_fault fault = PKI_ALGORITHM;
    struct der type;
    size_t check;
    size_t again;

    if (!read_number(&in, &check) || !read_number(&in, &again) || check != again ||
        !read_string(&in, &type))
        return PKI_MALFORMED;
    if (is(type, "ssh-rsa"))
        fault = read_rsa(&in, out);
    else if (is(type, "ssh-ed25519"))
        fault = read_ed25519(&in, out);
    else if (is(type, "ecdsa-sha2-nistp256") || is(type, "ecdsa-sha2-nistp384") ||
             is(type, "ecdsa-sha2-nistp521"))
        fault = read_ecdsa(&in, out);
    if (fault == PKI_OK && !ends_right(in))
        fault = PKI_MALFORMED;
    return fault;
}

enum pki_fault openssh_read(struct der in, struct pki_private *out)
{
    struct der cipher;
    struct der kdf;
    struct der part;
    size_t keys;

    if (in.len < sizeof magic || memcmp(in.data, magic, sizeof magic) != 0)
        return PKI_MALFORMED;
    in.data += sizeof magic;
    in.len -= sizeof magic;
    if (!read_string(&in, &cipher) || !read_string(&in, &kdf) || !read_string(&in, &part) ||
        !read_number(&in, &keys))
        return PKI_MALFORMED;
    if (!is(cipher, "none") || !is(kdf, "none"))
        return PKI_OLD_ENCRYPTION;
    /* the public key stands before the private one, which holds it again */
    if (part.len != 0 || keys != 1 || !read_string(&in, &part) || !read_string(&in, &part) ||
        in.len != 0)
        return PKI_MALFORMED;
    return read_secret(part, out);
}
