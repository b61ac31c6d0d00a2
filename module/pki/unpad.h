/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_PKI_UNPAD_H
#define MODULE_PKI_UNPAD_H

#include "module/pki/keypair_part.h"

/*
 * Takes the padding of PKCS#1 v1.5 off (RFC 8017, 7.2.2) without telling whether it was there. If a
 * program shows others that a padding is wrong, by an error or by its time, they can decrypt any
 * message with many questions (Bleichenbacher, CRYPTO 1998). So this does not report a wrong
 * padding: the message then depends on the key and the encrypted data alone, and looks random
 * ("implicit rejection", draft-irtf-cfrg-rsa-guidance; OpenSSL has the same from 3.2 on, and this
 * gives the same bytes).
 *
 * `data` is what was decrypted and `encoded` the result with its padding; both, and `out`, have as
 * many bytes as the modulus. The time depends on the length of the message, which the caller
 * learns anyway. False if libcrypto fails.
 */
bool unpad_pkcs1(const struct keypair *keypair, const unsigned char *data,
                 const unsigned char *encoded, unsigned char *out, size_t *out_len);

#endif
