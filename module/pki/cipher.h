/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_PKI_CIPHER_H
#define MODULE_PKI_CIPHER_H

#include <stdbool.h>

#include "module/cryptoki.h"
#include "store/secret.h"

/*
 * Encryption of data with AES, by libcrypto in the context of module/pki/evp.h: CBC (NIST SP
 * 800-38A) and GCM (SP 800-38D). What libcrypto makes of the key lies in its ordinary heap from
 * cipher_new to cipher_free, which overwrites it.
 */

enum cipher_mode {
    CIPHER_CBC,
    CIPHER_GCM,
};

#define CIPHER_BLOCK 16
#define CIPHER_TAG_MAX 16
#define CIPHER_IV_MAX 128 /* the longest that OpenSSL 3 takes */

/* The most bytes of authenticated data, and of data that waits for its tag. */
#define CIPHER_HELD_MAX ((size_t)64 * 1024 * 1024)

/* A parsed mechanism. The pointers are the caller's, for the length of a call. */
struct cipher_form {
    enum cipher_mode mode;
    bool padded; /* CBC with the padding of PKCS#7 */
    size_t tag_len;
    const unsigned char *iv;
    size_t iv_len;
    const unsigned char *aad;
    size_t aad_len;
};

/* True for CKM_AES_CBC, CKM_AES_CBC_PAD and CKM_AES_GCM. */
bool cipher_has(CK_MECHANISM_TYPE type);

/* Parses one of these (PKCS#11 3.0, mechanisms 2.11 and 2.12). CKR_MECHANISM_PARAM_INVALID. */
CK_RV cipher_form_read(const CK_MECHANISM *mechanism, struct cipher_form *out);

struct cipher;

/* Makes a cipher with a key of 16, 24 or 32 bytes; cipher_start comes next. NULL if memory is short
 * or libcrypto is missing, which the log says. */
struct cipher *cipher_new(enum cipher_mode mode, const struct store_secret *key, bool encrypts);
void cipher_free(struct cipher *cipher);

/* Begins, or begins again. The authenticated data is GCM's. False if libcrypto fails. */
bool cipher_start(struct cipher *cipher, const unsigned char *iv, size_t iv_len,
                  const unsigned char *aad, size_t aad_len);

/* Encrypts or decrypts `len` bytes, in CBC whole blocks, to as many at `out`, which may be `in`.
 * False if libcrypto fails. */
bool cipher_run(struct cipher *cipher, const unsigned char *in, size_t len, unsigned char *out);

/* Give and compare the tag of GCM after the last byte. */
bool cipher_get_tag(struct cipher *cipher, unsigned char *tag, size_t len);
bool cipher_tag_is(struct cipher *cipher, const unsigned char *tag, size_t len);

#endif
