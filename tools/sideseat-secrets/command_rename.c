/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "sideseat-pkcs11.h"
#include "tools/sideseat-secrets/field.h"
#include "tools/sideseat-secrets/history.h"
#include "tools/sideseat-secrets/make.h"
#include "tools/sideseat-secrets/remedy.h"

/* Reads the value that is to have another key, and finds its object. */
static enum outcome read_old(struct client *client, const struct request *request,
                             struct store_secret *value, CK_OBJECT_HANDLE *object)
{
    CK_RV rv;

    STEP(object_find_secret(client, request, request->keys[0], &request->uris[0], object));
    rv = object_read(client, *object, CKA_VALUE, value);
    return rv == CKR_OK ? OUTCOME_OK : outcome_of_rv("read", request->keys[0], rv);
}

/* Deletes the old secret once a module that starts anew reads the value under the new key, and the
 * old one has not changed. */
static enum outcome drop_old(const struct request *request, const struct store_secret *value)
{
    AUTO_CLIENT client = {0};
    AUTO_SECRET there = {0};
    AUTO_SECRET here = {0};
    CK_OBJECT_HANDLE object = 0;
    char line[REMEDY_SIZE];
    char back[REMEDY_SIZE];
    enum outcome outcome;
    bool kept = false;
    CK_RV rv;

    STEP(client_open(&client, request, CLIENT_WRITE));
    STEP(object_find_secret(&client, request, request->keys[1], &request->uris[0], &object));
    rv = object_read(&client, object, CKA_VALUE, &there);
    if (rv != CKR_OK)
        return outcome_of_rv("read", request->keys[1], rv);
    STEP(read_old(&client, request, &here, &object));
    if (!store_secret_equal(value, there.data, there.len) ||
        !store_secret_equal(value, here.data, here.len))
        return outcome_of_conflict("rename", request->keys[0],
                                   "another program has changed it meanwhile; both keys stay, "
                                   "look at them and decide");
    outcome = history_drop(&client, request->keys[0], object, &kept);
    remedy_line(&client, kept ? "undelete" : "delete", request->keys[0], line);
    remedy_line(&client, "delete", request->keys[1], back);
    if (outcome != OUTCOME_OK)
        outcome_print("%s and %s both have the value now; finish with: %s, or go back with: %s",
                      request->keys[0], request->keys[1], line, back);
    else if (kept)
        outcome_print("the older versions of %s remain; bring it back with: %s", request->keys[0],
                      line);
    return outcome;
}

/* Refuses, before anything is written, what the new key cannot be, and a deletion that the store
 * would deny: it asks for the versions, too. */
static enum outcome check(struct client *client, const struct request *request)
{
    const struct uri *uri = &request->uris[1];
    struct history history;

    if (uri_id(uri) != NULL || !client_fits(client, uri)) {
        outcome_print("the URI of the new key, %s, has an id or names another token than the old "
                      "one's, %s; to put it into another token: sideseat-secrets copy",
                      request->keys[1], client->label);
        return OUTCOME_USAGE;
    }
    STEP(field_refuse(client, request, 1));
    return history_find(client, request->keys[0], &history);
}

enum outcome command_rename(const struct request *request)
{
    const char *key = request->keys[1];
    AUTO_CLIENT client = {0};
    AUTO_SECRET value = {0};
    AUTO_SECRET label = {0};
    CK_OBJECT_HANDLE object = 0;
    CK_RV rv;

    STEP(client_open(&client, request, CLIENT_WRITE));
    STEP(read_old(&client, request, &value, &object));
    STEP(check(&client, request));
    rv = make_secret(&client, key, &value, "0", &object);
    if (rv == CKR_SIDESEAT_CONFLICT)
        return outcome_of_conflict(
            "rename to", key, "it exists already, and nothing has changed; choose another key");
    if (rv != CKR_OK)
        return outcome_of_rv("store", key, rv);
    object_read_optional(&client, object, CKA_LABEL, &label);
    client_close(&client);
    STEP(drop_old(request, &value));
    return request->json ? print_json_alone_bytes("key", &label) : OUTCOME_OK;
}
