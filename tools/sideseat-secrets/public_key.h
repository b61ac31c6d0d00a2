/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_PUBLIC_KEY_H
#define TOOLS_SIDESEAT_SECRETS_PUBLIC_KEY_H

#include <jansson.h>

#include "tools/sideseat-secrets/curve.h"
#include "tools/sideseat-secrets/object.h"

/* Public keys: their kind, and the texts that other programs read. */

struct public_key {
    CK_KEY_TYPE type;
    const struct curve *curve;    /* NULL: RSA */
    struct store_secret modulus;  /* RSA; big endian, without leading zeros */
    struct store_secret exponent; /* likewise */
    struct store_secret point;    /* of a curve: the bare point */
    struct store_secret info;     /* SubjectPublicKeyInfo in DER */
};

void public_key_clear(struct public_key *key);
#define AUTO_PUBLIC_KEY __attribute__((cleanup(public_key_clear))) struct public_key

/* The key's type and curve, NULL for RSA; either half of a key pair tells them. Prints why not. */
enum outcome public_key_kind(struct client *client, CK_OBJECT_HANDLE object, const char *name,
                             CK_KEY_TYPE *type, const struct curve **curve) STORE_CHECKED;

/* Reads a CKO_PUBLIC_KEY into a zeroed `out`. Prints why not. */
enum outcome public_key_read(struct client *client, CK_OBJECT_HANDLE object, const char *name,
                             struct public_key *out) STORE_CHECKED;

/* Append a text: PEM (RFC 7468, 13); a line of OpenSSH's authorized_keys with the comment `name`
 * (RFC 4253, 6.6; RFC 5656, 3.1; RFC 8709, 4). CORRUPT if OpenSSH has no such
 * key, UNSUPPORTED if this build writes no PEM. */
enum store_err public_key_pem(const struct public_key *key, struct store_secret *out) STORE_CHECKED;
enum store_err public_key_ssh(const struct public_key *key, const char *name,
                              struct store_secret *out) STORE_CHECKED;

/* A JSON Web Key (RFC 7517) with the members that its thumbprint counts (RFC 7638). The caller
 * drops it; NULL if memory is short. */
json_t *public_key_jwk(const struct public_key *key) STORE_CHECKED;

#endif
