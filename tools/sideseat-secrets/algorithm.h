/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_ALGORITHM_H
#define TOOLS_SIDESEAT_SECRETS_ALGORITHM_H

#include <p11-kit/pkcs11.h>
#include <stdbool.h>

/* A way to sign, by its names: an HMAC, or a signature with a key pair. */
struct algorithm {
    const char *name; /* sha256; of a key pair, that of JWS, or the one for a digest: RSA, ECDSA */
    const char *jws;  /* HS256 (RFC 7518, 3.1; RFC 8037, 3.1); NULL: it is not for tokens */
    CK_KEY_TYPE key_type;
    unsigned bits; /* of a curve; 0: any key of the type */
    CK_MECHANISM_TYPE mechanism;
    CK_ULONG length;             /* of a signature, in bytes; 0: as the key has it */
    CK_RSA_PKCS_PSS_PARAMS *pss; /* the mechanism's parameter; NULL: none */
};

/* The algorithm of this name, for a token of JWS or for the bytes alone; NULL if there is none. */
const struct algorithm *algorithm_find(const char *name, bool jws);

/* The first algorithm for keys of this type and, of a curve, with this many bits; NULL if no key of
 * this kind signs. */
const struct algorithm *algorithm_of_key(CK_KEY_TYPE type, unsigned bits);

/* The algorithm that such keys sign with under the name of `asked`; NULL if there is none. */
const struct algorithm *algorithm_named_as(const struct algorithm *asked, CK_KEY_TYPE type,
                                           unsigned bits);

/* Writes the names for such keys, or for all keys: "RS256, RS384 and RS512". */
#define ALGORITHM_NAMES_SIZE 128
void algorithm_names(CK_KEY_TYPE type, unsigned bits, bool jws, char out[ALGORITHM_NAMES_SIZE]);
void algorithm_all_names(bool jws, char out[ALGORITHM_NAMES_SIZE]);

/* The mechanism; the module changes nothing in it. */
CK_MECHANISM algorithm_mechanism(const struct algorithm *algorithm);

#endif
