/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_AWS_CRYPTO_H
#define BACKENDS_AWS_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>

#include "store/err.h"

/*
 * The hashes that AWS's protocols need, from the system's library.
 *
 * Threads: one struct aws_crypto may be used by any number of threads between open and close.
 */
struct aws_library;

struct aws_crypto {
    struct aws_library *library;
};

#define AWS_SHA256_SIZE 32
#define AWS_SHA256_HEX (2 * AWS_SHA256_SIZE + 1)
#define AWS_SHA1_HEX 41

/* FAILED, logged, if the library lacks one of them; then nothing is open. */
enum store_err aws_crypto_open(struct aws_crypto *out) STORE_CHECKED;

/* Idempotent; accepts a zero-initialized one. */
void aws_crypto_close(struct aws_crypto *crypto);

/* Writes `len` bytes as lower case hexadecimal digits, NUL-terminated: 2 * len + 1 characters. */
void aws_hex(const unsigned char *bytes, size_t len, char *out);

/* SHA-1 of a text as hexadecimal digits, for the file names of the AWS CLI's SSO cache only. */
enum store_err aws_sha1(const struct aws_crypto *crypto, const char *text,
                        char out[AWS_SHA1_HEX]) STORE_CHECKED;

/* A SHA-256 of data that comes in parts. `begin` gives NULL and the others false on failure; `free`
 * accepts NULL. */
struct aws_digest;
struct aws_digest *aws_digest_begin(const struct aws_crypto *crypto);
bool aws_digest_add(struct aws_digest *digest, const void *data, size_t len);
bool aws_digest_end(struct aws_digest *digest, unsigned char out[AWS_SHA256_SIZE]);
void aws_digest_free(struct aws_digest **digest);

/* HMAC-SHA-256 of a text; false on failure. */
bool aws_hmac(const struct aws_crypto *crypto, const void *key, size_t key_len, const char *text,
              unsigned char out[AWS_SHA256_SIZE]);

/* Room for a random UUID (RFC 9562, version 4) with its NUL. */
#define AWS_UUID_SIZE 37

/* Fills in bytes from the kernel's generator. FAILED, logged, if it returns none. */
enum store_err aws_uuid(char out[AWS_UUID_SIZE]) STORE_CHECKED;

#endif
