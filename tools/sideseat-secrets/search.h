/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_SEARCH_H
#define TOOLS_SIDESEAT_SECRETS_SEARCH_H

#include "tools/sideseat-secrets/object.h"

/* Receives a secret that was found, and its key. A failure ends the search. */
typedef enum outcome search_fn(void *arg, struct client *client, CK_OBJECT_HANDLE object,
                               const char *key);

/* Passes the secrets of one scope ("org/acme", "org"), or of the whole token for NULL, to `each`,
 * in the order of the store. Those whose values `each` reads are read in bulk. */
enum outcome search_scope(struct client *client, const char *scope, search_fn *each,
                          void *arg) STORE_CHECKED;

/* Passes the token's objects of a class to `each`, those with a label; `thing` names them in
 * messages. */
enum outcome search_class(struct client *client, CK_OBJECT_CLASS class, const char *thing,
                          search_fn *each, void *arg) STORE_CHECKED;

/* Finds the secret of this name in the first scope of the request that has it. NOT_FOUND is not
 * printed. */
enum outcome search_along(struct client *client, const struct request *request, const char *name,
                          CK_OBJECT_HANDLE *out) STORE_CHECKED;

/* Prints that no scope of the request has the name. NOT_FOUND. */
enum outcome search_absent(const struct request *request, const char *name) STORE_CHECKED;

#endif
