/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_AWS_CRYPTO_H
#define BACKENDS_AWS_CRYPTO_H

#include <stddef.h>

#include "store/err.h"

/*
 * The hashes that AWS's protocols need, from OpenSSL in a library context of our own, so that
 * nothing in an openssl.cnf changes them.
 *
 * Threads: one struct aws_crypto may be used by any number of threads between open and close.
 */
struct ossl_lib_ctx_st;
struct evp_md_st;
struct evp_mac_st;

struct aws_crypto {
    struct ossl_lib_ctx_st *library;
    struct evp_md_st *sha256;
    struct evp_md_st *sha1;
    struct evp_mac_st *hmac;
};

#define AWS_SHA256_SIZE 32
#define AWS_SHA256_HEX (2 * AWS_SHA256_SIZE + 1)
#define AWS_SHA1_HEX 41

/* FAILED, logged, if OpenSSL lacks one of them; then nothing is open. */
enum store_err aws_crypto_open(struct aws_crypto *out) STORE_CHECKED;

/* Idempotent; accepts a zero-initialized one. */
void aws_crypto_close(struct aws_crypto *crypto);

/* Writes `len` bytes as lower case hexadecimal digits, NUL-terminated: 2 * len + 1 characters. */
void aws_hex(const unsigned char *bytes, size_t len, char *out);

/* SHA-1 of a text as hexadecimal digits, for the file names of the AWS CLI's SSO cache only. */
enum store_err aws_sha1(const struct aws_crypto *crypto, const char *text,
                        char out[AWS_SHA1_HEX]) STORE_CHECKED;

/* Room for a random UUID (RFC 9562, version 4) with its NUL. */
#define AWS_UUID_SIZE 37

/* Fills in bytes from the kernel's generator. FAILED, logged, if it returns none. */
enum store_err aws_uuid(char out[AWS_UUID_SIZE]) STORE_CHECKED;

#endif
