/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_JWK_H
#define TOOLS_SIDESEAT_SECRETS_JWK_H

#include "tools/sideseat-secrets/public_key.h"

/* Makes a JSON Web Key (RFC 7517) of a CKO_PUBLIC_KEY: the key with its thumbprint as "kid" (RFC
 * 7638), "use" unless it has both or neither, and "alg" where it signs with one algorithm only. The
 * module computes the hash. Not while a search is open. The caller drops `*out`. */
enum outcome jwk_make(struct client *client, CK_OBJECT_HANDLE object, const char *name,
                      json_t **out) STORE_CHECKED;

/* Finds the public half of the request's key and makes its JSON Web Key. */
enum outcome jwk_of_key(struct client *client, const struct request *request, size_t index,
                        json_t **out) STORE_CHECKED;

/* Finds the public half of a key of the request, or prints that there is none. */
enum outcome jwk_find_public(struct client *client, const struct request *request, size_t index,
                             CK_OBJECT_HANDLE *out) STORE_CHECKED;

#endif
