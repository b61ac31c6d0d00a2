/* SPDX-License-Identifier: Apache-2.0 */
#include "module/pki/bundle.h"

#include <string.h>

#include "module/pki/der.h"
#include "module/pki/pem.h"

void bundle_part_drop(struct bundle_part *part)
{
    store_secret_wipe(&part->bytes);
}

/* The kind of a sequence by its first members, which may be cut off. */
static enum bundle_kind shaped(struct der outer)
{
    struct der member;

    if (der_read(&outer, DER_SEQUENCE, &member))
        return outer.len > 0 && outer.data[0] == DER_OCTET_STRING ? BUNDLE_ENCRYPTED
                                                                  : BUNDLE_CERTIFICATE;
    if ((!der_small(&outer, 0) && !der_small(&outer, 1)) || outer.len == 0)
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

/* Sets the kind that a block's label names. Headers belong to encrypted keys alone. */
static void label_take(const struct pem_block *block, struct bundle_part *out)
{
    static const struct {
        const char *label;
        enum bundle_kind kind;
        enum bundle_kind with_headers;
    } labels[] = {
        {"PRIVATE KEY", BUNDLE_PKCS8, BUNDLE_OLD},
        {"RSA PRIVATE KEY", BUNDLE_RSA, BUNDLE_OLD},
        {"EC PRIVATE KEY", BUNDLE_EC, BUNDLE_OLD},
        {"ENCRYPTED PRIVATE KEY", BUNDLE_ENCRYPTED, BUNDLE_OLD},
        {"OPENSSH PRIVATE KEY", BUNDLE_OPENSSH, BUNDLE_OLD},
        {"CERTIFICATE", BUNDLE_CERTIFICATE, BUNDLE_UNREAD},
        {"X509 CERTIFICATE", BUNDLE_CERTIFICATE, BUNDLE_UNREAD},
        {"TRUSTED CERTIFICATE", BUNDLE_UNREAD, BUNDLE_UNREAD},
        {"ATTRIBUTE CERTIFICATE", BUNDLE_UNREAD, BUNDLE_UNREAD},
        {"PKCS7", BUNDLE_UNREAD, BUNDLE_UNREAD},
        {"PKCS #7 SIGNED DATA", BUNDLE_UNREAD, BUNDLE_UNREAD},
        {"CMS", BUNDLE_UNREAD, BUNDLE_UNREAD},
    };

    out->kind = strstr(block->label, "PRIVATE") == NULL ? BUNDLE_OTHER : BUNDLE_FOREIGN;
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
        if (strcmp(block->label, labels[i].label) != 0)
            continue;
        out->kind = block->has_headers ? labels[i].with_headers : labels[i].kind;
        out->label = labels[i].label;
    }
}

/* True if the label is that of an older format, and the key is PKCS#8 all the same. */
static bool is_mislabelled(enum bundle_kind kind, const struct store_secret *bytes)
{
    struct der in = {bytes->data, bytes->len};
    struct der outer;

    return (kind == BUNDLE_RSA || kind == BUNDLE_EC) && der_read(&in, DER_SEQUENCE, &outer) &&
           shaped(outer) == BUNDLE_PKCS8;
}

/* True if a line break, or nothing, is left. */
static bool ends(struct der rest)
{
    return rest.len == 0 || (rest.len == 1 && rest.data[0] == '\n') ||
           (rest.len == 2 && rest.data[0] == '\r' && rest.data[1] == '\n');
}

/* True for a label that stands for a private key but has blanks where none belong (RFC 7468, 3). */
static bool is_spaced(const char *label)
{
    size_t len = strlen(label);

    return len == 0 || label[0] == ' ' || label[len - 1] == ' ' || strstr(label, "  ") != NULL;
}

/* The first bytes of a sequence whose rest may be missing or too long. */
static struct der sequence_start(struct der value)
{
    size_t header = value.len < 2 ? 2 : 2 + (value.data[1] >= 0x80 ? value.data[1] & 0x7f : 0);

    if (value.len <= header || value.data[0] != DER_SEQUENCE || header > 6)
        return (struct der){0};
    return (struct der){value.data + header, value.len - header};
}

/* True for what was a private key, as far as one can tell: DER that is cut off or has more behind
 * it, and text whose first line has lost its dashes or is in UTF-16. */
static bool was_key(struct der value)
{
    static const char text[] = "PRIVATE KEY--";
    static const char wide[] = "P\0R\0I\0V\0A\0T\0E\0 \0K\0E\0Y\0-\0-";
    /* the algorithm of PBES1 and PBES2, without its last byte (RFC 8018, A) */
    static const unsigned char pbes[] = {0x06, 0x09, 0x2a, 0x86, 0x48,
                                         0x86, 0xf7, 0x0d, 0x01, 0x05};
    struct der start = sequence_start(value);
    struct der inner = sequence_start(start);
    enum bundle_kind kind = shaped(start);

    return kind == BUNDLE_PKCS8 || kind == BUNDLE_RSA || kind == BUNDLE_EC ||
           (inner.len > sizeof pbes && memcmp(inner.data, pbes, sizeof pbes) == 0) ||
           (value.len > 0 && (memmem(value.data, value.len, text, sizeof text - 1) != NULL ||
                              memmem(value.data, value.len, wide, sizeof wide - 1) != NULL));
}

/* Reads a value that is not PEM. */
static enum store_err whole(const struct store_secret *value, struct bundle_part *out)
{
    struct der in = {value->data, value->len};
    struct der rest = in;
    struct der outer;

    out->kind = BUNDLE_OTHER;
    if (der_read(&rest, DER_SEQUENCE, &outer) && ends(rest))
        out->kind = shaped(outer);
    if (out->kind == BUNDLE_OTHER)
        return was_key(in) ? STORE_CORRUPT : STORE_NOT_FOUND;
    if (rest.len > 0)
        return store_secret_set(&out->bytes, in.data, in.len - rest.len);
    store_secret_share(&out->bytes, value);
    return STORE_OK;
}

/* Reads the next block of PEM, past damaged ones that would be of no use. */
static enum store_err next_block(const struct store_secret *value, size_t *at,
                                 struct bundle_part *out)
{
    AUTO_PEM block = {0};
    enum store_err err;

    do {
        err = pem_next(value, at, &block);
        if (err != STORE_OK && err != STORE_CORRUPT)
            return err;
        label_take(&block, out);
    } while (err == STORE_CORRUPT && out->kind == BUNDLE_OTHER);
    if (err != STORE_OK || (out->kind == BUNDLE_FOREIGN && is_spaced(block.label)))
        return STORE_CORRUPT;
    if (is_mislabelled(out->kind, &block.der))
        out->kind = BUNDLE_PKCS8;
    out->start = block.start;
    store_secret_move(&out->bytes, &block.der);
    return STORE_OK;
}

enum store_err bundle_next(const struct store_secret *value, size_t *at, struct bundle_part *out)
{
    bool first = *at == 0;
    enum store_err err;

    if (*at >= value->len)
        return STORE_NOT_FOUND;
    err = next_block(value, at, out);
    if (err == STORE_OK)
        return err;
    *at = value->len;
    return err == STORE_NOT_FOUND && first ? whole(value, out) : err;
}

bool bundle_is_pki(const struct store_secret *value)
{
    enum store_err err = STORE_OK;
    bool found = false;
    size_t at = 0;

    while (err == STORE_OK) {
        AUTO_PART part = {0};
        err = bundle_next(value, &at, &part);
        if (err == STORE_OK && part.kind != BUNDLE_OTHER && part.kind != BUNDLE_FOREIGN)
            found = true;
    }
    return found && err == STORE_NOT_FOUND;
}

enum store_err bundle_without(const struct store_secret *value, struct der certificate,
                              struct store_secret *out)
{
    enum store_err err = STORE_OK;
    bool found = false;
    size_t kept = 0; /* the bytes before this are in `out`, or left out */
    size_t at = 0;

    while (err == STORE_OK) {
        AUTO_PART part = {0};
        err = bundle_next(value, &at, &part);
        if (err != STORE_OK || part.kind != BUNDLE_CERTIFICATE ||
            !store_secret_equal(&part.bytes, certificate.data, certificate.len))
            continue;
        TRY(store_secret_append(out, value->data + kept, part.start - kept));
        kept = at;
        found = true;
    }
    if (err != STORE_NOT_FOUND || !found)
        return err;
    return store_secret_append(out, value->data + kept, value->len - kept);
}
