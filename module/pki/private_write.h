/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_PKI_PRIVATE_WRITE_H
#define MODULE_PKI_PRIVATE_WRITE_H

#include "module/pki/public.h"

/* Writes a private key as text: PrivateKeyInfo (RFC 5958) in PEM, as openssl genpkey(1) does. All
 * bytes on the way lie in memory for secrets. `public` is its public half. NO_MEMORY. */
enum store_err pki_private_write(const struct pki_private *key, const struct pki_public *public,
                                 struct store_secret *out) STORE_CHECKED;

/* Encrypts such a text with the passphrase, as pbe_encrypt does, into another in PEM. */
enum pki_fault pki_private_encrypt(const struct store_secret *text,
                                   const struct store_secret *passphrase, struct store_secret *out);

#endif
