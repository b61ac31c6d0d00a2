/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_PKI_PBE_H
#define MODULE_PKI_PBE_H

#include "module/pki/private.h"

/* Decrypts an EncryptedPrivateKeyInfo whose encryption is PBES2 (RFC 8018), with libcrypto. The
 * result is a PrivateKeyInfo if the passphrase is right. Line breaks at the end of the passphrase
 * do not belong to it. PKI_OLD_ENCRYPTION for other encryptions, and for one that would take
 * minutes. */
enum pki_fault pbe_decrypt(const struct store_secret *encrypted,
                           const struct store_secret *passphrase, struct store_secret *out);

/* Encrypts a PrivateKeyInfo: PBES2 with AES-256 in CBC mode, and PBKDF2 with HMAC-SHA-512. The
 * result is an EncryptedPrivateKeyInfo. PKI_WRONG_PASSPHRASE for an empty passphrase,
 * or one of line breaks alone; PKI_NO_MEMORY, PKI_NO_LIBRARY. */
enum pki_fault pbe_encrypt(const struct store_secret *plain, const struct store_secret *passphrase,
                           struct store_secret *out);

#endif
