/* SPDX-License-Identifier: Apache-2.0 */
#include "module/pki/bundle.h"

#include <string.h>

#include "module/pki/der.h"
#include "module/pki/pem.h"

void bundle_part_drop(struct bundle_part *part)
{
    store_secret_wipe(&part->bytes);
}

/* The kind that a block's label names. */
static enum bundle_kind labelled(const struct pem_block *block)
{
    static const struct {
        const char *label;
        enum bundle_kind kind;
    } labels[] = {
        {"PRIVATE KEY", BUNDLE_PKCS8},
        {"RSA PRIVATE KEY", BUNDLE_RSA},
        {"EC PRIVATE KEY", BUNDLE_EC},
        {"ENCRYPTED PRIVATE KEY", BUNDLE_ENCRYPTED},
        {"OPENSSH PRIVATE KEY", BUNDLE_OPENSSH},
        {"CERTIFICATE", BUNDLE_CERTIFICATE},
        {"X509 CERTIFICATE", BUNDLE_CERTIFICATE},
    };

    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++)
        if (strcmp(block->label, labels[i].label) == 0)
            return block->has_headers ? BUNDLE_OLD : labels[i].kind;
    return BUNDLE_OTHER;
}

/* The kind of one element of DER, by its first members. */
static enum bundle_kind shaped(const struct store_secret *value)
{
    struct der in = {value->data, value->len};
    struct der outer;
    struct der member;

    if (!der_read(&in, DER_SEQUENCE, &outer) || in.len != 0)
        return BUNDLE_OTHER;
    if (der_read(&outer, DER_SEQUENCE, &member))
        return outer.len > 0 && outer.data[0] == DER_OCTET_STRING ? BUNDLE_ENCRYPTED
                                                                  : BUNDLE_CERTIFICATE;
    if (!der_unsigned(&outer, &member) || outer.len == 0)
        return BUNDLE_OTHER;
    switch (outer.data[0]) {
    case DER_SEQUENCE:
        return BUNDLE_PKCS8;
    case DER_INTEGER:
        return BUNDLE_RSA;
    case DER_OCTET_STRING:
        return BUNDLE_EC;
    default:
        return BUNDLE_OTHER;
    }
}

enum store_err bundle_next(const struct store_secret *value, size_t *at, struct bundle_part *out)
{
    AUTO_PEM block = {0};
    enum store_err err;

    if (*at >= value->len)
        return STORE_NOT_FOUND;
    err = pem_next(value, at, &block);
    if (err == STORE_OK) {
        out->kind = labelled(&block);
        store_secret_move(&out->bytes, &block.der);
        return STORE_OK;
    }
    if (err != STORE_NOT_FOUND || *at > 0) {
        *at = value->len;
        return err;
    }
    *at = value->len;
    out->kind = shaped(value);
    if (out->kind == BUNDLE_OTHER)
        return STORE_NOT_FOUND;
    store_secret_share(&out->bytes, value);
    return STORE_OK;
}

enum store_err bundle_without(const struct store_secret *value, struct der certificate,
                              struct store_secret *out)
{
    size_t at = 0;

    for (;;) {
        AUTO_PART part = {0};
        size_t start = at;
        TRY(bundle_next(value, &at, &part));
        if (part.kind != BUNDLE_CERTIFICATE ||
            !store_secret_equal(&part.bytes, certificate.data, certificate.len))
            continue;
        TRY(store_secret_append(out, value->data, start));
        return store_secret_append(out, value->data + at, value->len - at);
    }
}
