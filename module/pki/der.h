/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_PKI_DER_H
#define MODULE_PKI_DER_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A strict reader of DER (ITU-T X.690): definite lengths in their shortest form, tags of one byte.
 * It copies nothing, so a private key stays in the memory that it was read from.
 */

#define DER_INTEGER 0x02
#define DER_BIT_STRING 0x03
#define DER_OCTET_STRING 0x04
#define DER_NULL 0x05
#define DER_OID 0x06
#define DER_SEQUENCE 0x30
#define DER_CONTEXT(n) (0xa0 | (n))  /* [n], constructed */
#define DER_IMPLICIT(n) (0x80 | (n)) /* [n], primitive */

/* Bytes that somebody else owns. */
struct der {
    const unsigned char *data;
    size_t len;
};

/* Reads the element at the front of `in` if it has the tag, gives its content and moves `in` past
 * it. False, and nothing changes, if it has not or is malformed. */
bool der_read(struct der *in, unsigned tag, struct der *content);

/* As der_read, but gives the whole element, tag and length included. */
bool der_element(struct der *in, unsigned tag, struct der *whole);

/* Moves past an element of any tag. */
bool der_skip(struct der *in);

/* Reads an INTEGER that is not negative; gives its bytes without a leading zero, at least one. */
bool der_unsigned(struct der *in, struct der *magnitude);

/* Reads the INTEGER `value`. */
bool der_small(struct der *in, unsigned char value);

/* Reads a BIT STRING of whole bytes. */
bool der_bits(struct der *in, struct der *bytes);

/* True if both have the same bytes. Not for secrets: it stops at the first difference. */
bool der_equal(struct der a, struct der b);

/* Writes the tag and the length of an element with `len` bytes of content; returns the number of
 * bytes, at most DER_HEADER_MAX. */
#define DER_HEADER_MAX 10
size_t der_header(unsigned char out[DER_HEADER_MAX], unsigned tag, size_t len);

#endif
