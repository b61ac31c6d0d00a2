/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_OBJECT_H
#define TOOLS_SIDESEAT_SECRETS_OBJECT_H

#include <p11-kit/pkcs11.h>
#include <stdint.h>

#include "store/scope.h"
#include "store/secret.h"
#include "tools/sideseat-secrets/client.h"
#include "tools/sideseat-secrets/label.h"
#include "tools/sideseat-secrets/print.h"

/* A row of a template; the bytes are only read by the module, whatever its type says. */
#define OBJECT_ROW(type, data, len)                                                                \
    {                                                                                              \
        (type), (void *)(uintptr_t)(data), (len)                                                   \
    }

/* Finds the first object that matches. NOT_FOUND, which is not printed, if there is none. `thing`
 * names what is looked for in messages. */
enum outcome object_find(struct client *client, const CK_ATTRIBUTE *rows, CK_ULONG count,
                         const char *thing, CK_OBJECT_HANDLE *out) STORE_CHECKED;

/* Finds the secret of this key, or of another module's label, in the session's token. NOT_FOUND is
 * not printed. */
enum outcome object_find_data(struct client *client, const char *key,
                              CK_OBJECT_HANDLE *out) STORE_CHECKED;

/* Finds a secret by its key in the token that `uri` names. NOT_FOUND is not printed. */
enum outcome object_find_key(struct client *client, const struct request *request, const char *key,
                             const struct uri *uri, CK_OBJECT_HANDLE *out) STORE_CHECKED;

/* For KEY#FIELD: the field, and the key before the last '#' in `owner`; NULL for any other key. */
const char *object_field(const char *key, char owner[LABEL_SIZE]);

/* Finds a secret by its key in the token that `uri` names, or prints that there is none. A field is
 * none. */
enum outcome object_find_secret(struct client *client, const struct request *request,
                                const char *key, const struct uri *uri,
                                CK_OBJECT_HANDLE *out) STORE_CHECKED;

/* The rows of a template that name one of our secrets by its scope key, of which any object of the
 * secret has the parts. */
#define OBJECT_SCOPE_ROWS 3
struct object_scope {
    char key[STORE_KEY_MAX + 1];
    CK_ATTRIBUTE rows[OBJECT_SCOPE_ROWS]; /* whose bytes are in `key` */
    CK_ULONG count;
};

/* False if the text is not a key. */
bool object_scope_read(const char *key, struct object_scope *out);

/* Gives the scope key of the object's secret; false if the object is not from this module. */
bool object_key(struct client *client, CK_OBJECT_HANDLE object, char out[STORE_KEY_MAX + 1]);

/* Finds an object of another class for the same secret, or of another module's token with the same
 * CKA_ID. NOT_FOUND is not printed. */
enum outcome object_find_other(struct client *client, CK_OBJECT_HANDLE object,
                               CK_OBJECT_CLASS class, CK_OBJECT_HANDLE *out) STORE_CHECKED;

/* Finds the object of a key of the request, in the token that its URI names. A half of a key pair
 * is found by its scope key, or else by its label. NOT_FOUND is not printed. */
enum outcome object_find_asked(struct client *client, const struct request *request, size_t index,
                               CK_OBJECT_CLASS class, CK_OBJECT_HANDLE *out) STORE_CHECKED;

/* Prints that there is no such secret, key, ...: "no WHAT KEY" and `more`. NOT_FOUND; USAGE with
 * the forms of a key if it is none, so that there cannot be one. */
enum outcome object_absent(const char *what, const char *key, const char *more) STORE_CHECKED;

/* Reads an attribute of any length; an empty one gives an empty secret. Prints nothing. */
CK_RV object_read(struct client *client, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type,
                  struct store_secret *out) STORE_CHECKED;

/* The same for an attribute that may be missing: then, too, `out` is empty. */
void object_read_optional(struct client *client, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type,
                          struct store_secret *out);

/* True if the object has the attribute, and that is CK_TRUE. */
bool object_is(struct client *client, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type);

/* Reads a value together with its version, which is "" if the store shows none, and "0" for a
 * secret without a value (CKR_SIDESEAT_NO_VALUE). Prints nothing. */
#define OBJECT_VERSION_SIZE 256
CK_RV object_read_versioned(struct client *client, CK_OBJECT_HANDLE object,
                            struct store_secret *value,
                            char version[OBJECT_VERSION_SIZE]) STORE_CHECKED;

/* The members that tell about a secret: times, version, backend and whether it is stale. */
void object_print_details(struct client *client, CK_OBJECT_HANDLE object, struct print_json *json);

/* Prints one JSON object with the key and these members. */
enum outcome object_print(struct client *client, CK_OBJECT_HANDLE object) STORE_CHECKED;

#endif
