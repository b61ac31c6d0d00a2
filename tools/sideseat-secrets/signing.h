/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_SIGNING_H
#define TOOLS_SIDESEAT_SECRETS_SIGNING_H

#include "tools/sideseat-secrets/algorithm.h"
#include "tools/sideseat-secrets/object.h"

/* Signatures with the key of a request, which stays in the module. */

struct signing {
    const struct algorithm *algorithm; /* that of the request, or the first that fits the key */
    CK_OBJECT_HANDLE key; /* an HMAC key, which a field can be, or the needed half of a key pair */
};

/* A certificate request is signed with a key pair only. */
enum signing_use { SIGNING_SIGNS, SIGNING_VERIFIES, SIGNING_CERTIFIES };

/* Finds the key of the request and the algorithm; prints that there is no such key, or that it does
 * not sign with the algorithm. */
enum outcome signing_find(struct client *client, const struct request *request,
                          enum signing_use use, struct signing *out) STORE_CHECKED;

/* Prints why a call of the module failed: cannot VERB ("sign with", "verify with") the key. */
enum outcome signing_failed(const char *verb, const struct request *request,
                            CK_RV rv) STORE_CHECKED;

/* Begins a signature, with a login for it if the key asks for one before each use, adds data to it,
 * and ends it: `signature` then has its bytes. */
enum outcome signing_begin(struct client *client, const struct request *request,
                           const struct signing *signing) STORE_CHECKED;
enum outcome signing_add(struct client *client, const struct request *request, const void *data,
                         size_t len) STORE_CHECKED;
enum outcome signing_end(struct client *client, const struct request *request,
                         const struct signing *signing,
                         struct store_secret *signature) STORE_CHECKED;

/* Passes standard input, of whatever length, to `update` (C_SignUpdate or C_VerifyUpdate). `verb`
 * is that of signing_failed. */
enum outcome signing_input(struct client *client, const struct request *request, const char *verb,
                           CK_C_SignUpdate update) STORE_CHECKED;

#endif
