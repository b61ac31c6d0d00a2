/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_SIGNING_H
#define TOOLS_SIDESEAT_SECRETS_SIGNING_H

#include "tools/sideseat-secrets/object.h"

/* Signatures with the key of a request, which stays in the module. */

/* Finds the signing key of the request, or prints that there is none. */
enum outcome signing_find(struct client *client, const struct request *request,
                          CK_OBJECT_HANDLE *out) STORE_CHECKED;

/* Begins a signature, adds data to it, and ends it: `signature` then has its bytes. */
enum outcome signing_begin(struct client *client, const struct request *request) STORE_CHECKED;
enum outcome signing_add(struct client *client, const struct request *request, const void *data,
                         size_t len) STORE_CHECKED;
enum outcome signing_end(struct client *client, const struct request *request,
                         struct store_secret *signature) STORE_CHECKED;

/* Passes standard input, of whatever length, to `update` (C_SignUpdate or C_VerifyUpdate). */
enum outcome signing_input(struct client *client, const struct request *request,
                           CK_C_SignUpdate update) STORE_CHECKED;

#endif
