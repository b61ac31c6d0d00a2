/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_FIELD_H
#define TOOLS_SIDESEAT_SECRETS_FIELD_H

#include "tools/sideseat-secrets/object.h"

/* What KEY or KEY#FIELD names. */
struct field {
    CK_OBJECT_HANDLE object; /* the secret */
    const char *name;        /* in the key; NULL: the whole value */
    char owner[LABEL_SIZE];  /* with a field: the secret's key */
};

/* Finds the secret as field_read does, without its value. NOT_FOUND is not printed. */
enum outcome field_find(struct client *client, const struct request *request, const char *key,
                        const struct uri *uri, bool along, struct field *out) STORE_CHECKED;

/* Refuses to make key `index` of the request if it is KEY#FIELD of a secret that exists; a URI
 * makes it all the same. */
enum outcome field_refuse(struct client *client, const struct request *request,
                          size_t index) STORE_CHECKED;

/*
 * Reads the value of a secret, or with KEY#FIELD a member of the JSON object that is its value: a
 * text as it is, any other value as JSON. A key may have a '#', so the whole is tried first. With
 * `along`, the key is a name that is looked up in the request's scopes. Prints why there is none.
 */
enum outcome field_read(struct client *client, const struct request *request, const char *key,
                        const struct uri *uri, bool along, CK_OBJECT_HANDLE *object,
                        struct store_secret *out) STORE_CHECKED;

#endif
