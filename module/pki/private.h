/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_PKI_PRIVATE_H
#define MODULE_PKI_PRIVATE_H

#include "module/pki/curve.h"
#include "store/secret.h"

/*
 * A private key's numbers, as they stand in a secret's value. They lie in memory for secrets and
 * nowhere else, but for the time of a keypair (module/pki/keypair.h).
 */

/* The reasons for which a value is not a key that can be used. */
enum pki_fault {
    PKI_OK,
    PKI_NO_KEY,
    PKI_MALFORMED,
    PKI_ALGORITHM,
    PKI_KEY_SIZE,
    PKI_ENCRYPTED,
    PKI_WRONG_PASSPHRASE,
    PKI_OLD_ENCRYPTION,
    PKI_NO_PASSPHRASE,   /* the secret that the rule names for it gives none */
    PKI_NO_CERTIFICATES, /* likewise; the key is there all the same */
    PKI_NO_MEMORY,
    PKI_NO_LIBRARY,
};

/* The fault and its remedy in words, after the name of the secret: "holds no private key; …". What
 * is wrong with another secret is not in them (pair_fault_text). */
const char *pki_fault_text(enum pki_fault fault);

#define PKI_RSA_MIN 2048 /* bits of the modulus */
#define PKI_RSA_MAX 8192

/* The bits of a number, from its highest set one on. */
size_t pki_bits(struct der number);

/* Checks the two numbers of an RSA public key, which have no leading zeros: PKI_KEY_SIZE unless the
 * modulus has an allowed size and the exponent is one that libcrypto and every client take. */
enum pki_fault pki_check_rsa(struct der n, struct der e);

/* The members of an RSA key, in the order of RSAPrivateKey. */
enum pki_rsa { RSA_N, RSA_E, RSA_D, RSA_P, RSA_Q, RSA_DP, RSA_DQ, RSA_QI, RSA_NUMBERS };

struct pki_private {
    enum pki_type type;
    struct store_secret memory;  /* holds all bytes below */
    struct der rsa[RSA_NUMBERS]; /* big endian; DP and DQ are empty if the format has none */
    struct der scalar;           /* of a curve: the private number, or the seed of EdDSA */
    struct der point;            /* and the public point, if the format gives it; else empty */
};

void pki_private_drop(struct pki_private *key);

#define AUTO_PRIVATE __attribute__((cleanup(pki_private_drop))) struct pki_private

/* Checks the lengths that the type asks for: PKI_MALFORMED and PKI_KEY_SIZE. */
enum pki_fault pki_private_check(const struct pki_private *key);

/* Reads the first private key in the value. `passphrase` is for an encrypted one; NULL or empty if
 * there is none. `out` is zeroed. Calls libcrypto only to decrypt. */
enum pki_fault pki_private_read(const struct store_secret *value,
                                const struct store_secret *passphrase, struct pki_private *out);

#endif
