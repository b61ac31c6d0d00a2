/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_PKI_GENERATE_H
#define MODULE_PKI_GENERATE_H

#include "module/pki/private.h"

/* The largest modulus of a new key: the search for the primes of a longer one takes minutes, in
 * which nothing could stop it. */
#define PKI_NEW_RSA_MAX 4096

/* True if a modulus of so many bits can be made, with this exponent. */
bool pki_can_generate_rsa(size_t bits, struct der exponent);

/* Makes a new private key. `bits` and `exponent` are for RSA. `out` is zeroed, and gets the numbers
 * in memory for secrets; those of RSA and ECDSA have been in libcrypto's heap, which overwrites
 * them. PKI_NO_MEMORY and PKI_NO_LIBRARY. */
enum pki_fault pki_generate(enum pki_type type, size_t bits, struct der exponent,
                            struct pki_private *out);

#endif
