/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_PKI_AES_H
#define MODULE_PKI_AES_H

#include <stdbool.h>

#include "store/secret.h"

/*
 * AES key wrapping (NIST SP 800-38F), by libcrypto in the context of module/pki/evp.h. What
 * libcrypto makes of the wrapping key lies in its ordinary heap during a call, and is overwritten
 * at the end.
 */

enum aes_form {
    AES_KW,  /* RFC 3394: 16 bytes or more, in steps of 8 */
    AES_KWP, /* RFC 5649: any bytes */
};

/* The length of `len` bytes once they are wrapped; 0 if the form cannot wrap so many. */
size_t aes_wrapped_len(enum aes_form form, size_t len);

/* Wraps the bytes, whose length is right, with a key of 16, 24 or 32 bytes. False if libcrypto is
 * missing, which the log says, or memory is short. */
bool aes_wrap(enum aes_form form, const struct store_secret *key, const struct store_secret *bytes,
              struct store_secret *out);

/* Takes the bytes out again. False also if they were not wrapped with this key in this form. */
bool aes_unwrap(enum aes_form form, const struct store_secret *key, const unsigned char *wrapped,
                size_t len, struct store_secret *out);

#endif
