/* SPDX-License-Identifier: Apache-2.0 */
#include "module/pki/certificate.h"

#include <string.h>

/* id-ce-basicConstraints (RFC 5280, 4.2.1.9) */
static const unsigned char oid_constraints[] = {0x55, 0x1d, 0x13};

#define DER_BOOLEAN 0x01

static bool read_key(struct der info, struct certificate *out)
{
    struct der body;

    return der_read(&info, DER_SEQUENCE, &body) && der_skip(&body) &&
           der_bits(&body, &out->key_bits) && body.len == 0;
}

/* True if the extension is basicConstraints with cA TRUE. */
static bool is_authority(struct der extension)
{
    struct der oid;
    struct der flag;
    struct der value;
    struct der body;

    if (!der_read(&extension, DER_OID, &oid) ||
        !der_equal(oid, (struct der){oid_constraints, sizeof oid_constraints}))
        return false;
    (void)der_read(&extension, DER_BOOLEAN, &flag); /* critical */
    return der_read(&extension, DER_OCTET_STRING, &value) &&
           der_read(&value, DER_SEQUENCE, &body) && der_read(&body, DER_BOOLEAN, &flag) &&
           flag.len == 1 && flag.data[0] == 0xff;
}

/* Reads what follows the key: two identifiers that nobody uses, and the extensions. */
static void read_extensions(struct der rest, struct certificate *out)
{
    struct der outer;
    struct der list = {0};
    struct der extension;

    while (rest.len > 0) {
        if (der_read(&rest, DER_CONTEXT(3), &outer))
            (void)der_read(&outer, DER_SEQUENCE, &list);
        else if (!der_skip(&rest))
            return;
    }
    while (der_read(&list, DER_SEQUENCE, &extension))
        out->authority = out->authority || is_authority(extension);
}

bool certificate_read(struct der in, struct certificate *out)
{
    struct der version;
    struct der body;
    struct der to_be_signed;

    *out = (struct certificate){.whole = in};
    if (!der_read(&in, DER_SEQUENCE, &body) || in.len != 0 ||
        !der_read(&body, DER_SEQUENCE, &to_be_signed) || !der_skip(&body) || !der_skip(&body) ||
        body.len != 0)
        return false;
    (void)der_read(&to_be_signed, DER_CONTEXT(0), &version);
    if (!der_element(&to_be_signed, DER_INTEGER, &out->serial) || !der_skip(&to_be_signed) ||
        !der_element(&to_be_signed, DER_SEQUENCE, &out->issuer) || !der_skip(&to_be_signed) ||
        !der_element(&to_be_signed, DER_SEQUENCE, &out->subject) ||
        !der_element(&to_be_signed, DER_SEQUENCE, &out->info) || !read_key(out->info, out))
        return false;
    read_extensions(to_be_signed, out);
    return true;
}
