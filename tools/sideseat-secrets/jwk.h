/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_JWK_H
#define TOOLS_SIDESEAT_SECRETS_JWK_H

#include "tools/sideseat-secrets/public_key.h"

/* Makes a JSON Web Key for signatures (RFC 7517): the key with its thumbprint as "kid" (RFC 7638),
 * "use", and "alg" where the key has only one algorithm. The module computes the hash. The caller
 * drops `*out`. */
enum outcome jwk_make(struct client *client, const struct public_key *key,
                      json_t **out) STORE_CHECKED;

/* Finds the public half of the request's key and makes its JSON Web Key. */
enum outcome jwk_of_key(struct client *client, const struct request *request, size_t index,
                        json_t **out) STORE_CHECKED;

/* Finds the public half of a key of the request, or prints that there is none. */
enum outcome jwk_find_public(struct client *client, const struct request *request, size_t index,
                             CK_OBJECT_HANDLE *out) STORE_CHECKED;

#endif
