/* SPDX-License-Identifier: Apache-2.0 */
#include "module/pki/der.h"

#include <string.h>

/* Reads a tag and a length. False if the length is not in its shortest form or exceeds `in`. */
static bool header_read(struct der *in, unsigned *tag, size_t *len)
{
    size_t used = 2;

    if (in->len < 2 || (in->data[0] & 0x1f) == 0x1f)
        return false;
    *tag = in->data[0];
    *len = in->data[1];
    if (*len >= 0x80) {
        size_t bytes = *len & 0x7f;
        if (bytes == 0 || bytes > 4 || in->len < 2 + bytes || in->data[2] == 0)
            return false;
        *len = 0;
        for (size_t i = 0; i < bytes; i++)
            *len = *len << 8 | in->data[2 + i];
        if (*len < 0x80)
            return false;
        used += bytes;
    }
    if (*len > in->len - used)
        return false;
    in->data += used;
    in->len -= used;
    return true;
}

bool der_read(struct der *in, unsigned tag, struct der *content)
{
    struct der rest = *in;
    unsigned found;
    size_t len;

    if (!header_read(&rest, &found, &len) || found != tag)
        return false;
    *content = (struct der){rest.data, len};
    *in = (struct der){rest.data + len, rest.len - len};
    return true;
}

bool der_element(struct der *in, unsigned tag, struct der *whole)
{
    const unsigned char *start = in->data;
    struct der content;

    if (!der_read(in, tag, &content))
        return false;
    *whole = (struct der){start, (size_t)(in->data - start)};
    return true;
}

bool der_skip(struct der *in)
{
    struct der content;

    return in->len > 0 && der_read(in, in->data[0], &content);
}

bool der_unsigned(struct der *in, struct der *magnitude)
{
    struct der rest = *in;
    struct der bytes;

    if (!der_read(&rest, DER_INTEGER, &bytes) || bytes.len == 0 || (bytes.data[0] & 0x80) != 0)
        return false;
    if (bytes.data[0] == 0 && bytes.len > 1) {
        if ((bytes.data[1] & 0x80) == 0)
            return false;
        bytes.data++;
        bytes.len--;
    }
    *magnitude = bytes;
    *in = rest;
    return true;
}

bool der_small(struct der *in, unsigned char value)
{
    struct der rest = *in;
    struct der bytes;

    if (!der_unsigned(&rest, &bytes) || bytes.len != 1 || bytes.data[0] != value)
        return false;
    *in = rest;
    return true;
}

bool der_bits(struct der *in, struct der *bytes)
{
    struct der rest = *in;
    struct der content;

    if (!der_read(&rest, DER_BIT_STRING, &content) || content.len == 0 || content.data[0] != 0)
        return false;
    *bytes = (struct der){content.data + 1, content.len - 1};
    *in = rest;
    return true;
}

bool der_equal(struct der a, struct der b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

size_t der_header(unsigned char out[DER_HEADER_MAX], unsigned tag, size_t len)
{
    size_t bytes = 0;

    out[0] = (unsigned char)tag;
    if (len < 0x80) {
        out[1] = (unsigned char)len;
        return 2;
    }
    for (size_t rest = len; rest > 0; rest >>= 8)
        bytes++;
    out[1] = (unsigned char)(0x80 | bytes);
    for (size_t i = 0; i < bytes; i++)
        out[2 + i] = (unsigned char)(len >> 8 * (bytes - 1 - i));
    return 2 + bytes;
}
