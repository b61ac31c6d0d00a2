/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_HISTORY_H
#define TOOLS_SIDESEAT_SECRETS_HISTORY_H

#include "tools/sideseat-secrets/object.h"

/* The most versions that are asked for. */
#define HISTORY_MAX 1000

#define HISTORY_TEXT_SIZE 80

/* The versions that the store keeps of a secret, the newest first. */
struct history {
    bool kept; /* the store keeps old versions */
    CK_ULONG count;
    CK_OBJECT_HANDLE objects[HISTORY_MAX];
};

/* Finds the versions of a key in the session's token. OK and not `kept` for a store without
 * versions, and OK without any for a secret that never was. */
enum outcome history_find(struct client *client, const char *key,
                          struct history *out) STORE_CHECKED;

/* Finds those of a key of the request, in the token that its URI names, or prints that there are
 * none: FAILED for a store without versions, else NOT_FOUND. */
enum outcome history_need(struct client *client, const struct request *request, size_t index,
                          struct history *out) STORE_CHECKED;

/* Finds the version with this number or version text, or prints that there is none. */
enum outcome history_pick(struct client *client, const struct history *history, const char *key,
                          const char *version, CK_OBJECT_HANDLE *out) STORE_CHECKED;

/* An attribute of a version as text; "" if it cannot be read. */
void history_text(struct client *client, CK_OBJECT_HANDLE version, CK_ATTRIBUTE_TYPE type,
                  char out[HISTORY_TEXT_SIZE]);

/* True if the version is in this state ("current", "old", "deleted", "destroyed"). */
bool history_is(struct client *client, CK_OBJECT_HANDLE version, const char *state);

/* Reads the value of a version, or prints why it has none. */
enum outcome history_value(struct client *client, const char *key, CK_OBJECT_HANDLE version,
                           struct store_secret *out) STORE_CHECKED;

/* Deletes a secret whose value is under another key, or in another token, by now. Older versions
 * are not: if the deletion would destroy them, the secret is deleted so that all its versions stay,
 * and `kept` is true. Prints why it failed. */
enum outcome history_drop(struct client *client, const char *key, CK_OBJECT_HANDLE object,
                          bool *kept) STORE_CHECKED;

/* Sets an attribute of a version. */
CK_RV history_set(struct client *client, CK_OBJECT_HANDLE version, CK_ATTRIBUTE_TYPE type,
                  const char *text) STORE_CHECKED;

#endif
