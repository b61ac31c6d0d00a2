/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "sideseat-pkcs11.h"
#include "tools/sideseat-secrets/history.h"
#include "tools/sideseat-secrets/make.h"

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
    STEP(history_drop(&client, request->keys[0], object, &kept));
    if (kept)
        outcome_print("the older versions of %s remain; bring it back with: sideseat-secrets "
                      "undelete %s",
                      request->keys[0], request->keys[0]);
    return OUTCOME_OK;
}

enum outcome command_rename(const struct request *request)
{
    const char *key = request->keys[1];
    AUTO_CLIENT client = {0};
    AUTO_SECRET value = {0};
    AUTO_SECRET label = {0};
    CK_OBJECT_HANDLE object = 0;
    CK_RV rv;

    if (request->uris[1].parsed != NULL) {
        outcome_print("the new name is a key, not a URI");
        return OUTCOME_USAGE;
    }
    STEP(client_open(&client, request, CLIENT_WRITE));
    STEP(read_old(&client, request, &value, &object));
    rv = make_secret(&client, key, &value, "0", &object);
    if (rv == CKR_SIDESEAT_CONFLICT)
        return outcome_of_conflict(
            "rename to", key, "it exists already, and nothing has changed; choose another key");
    if (rv != CKR_OK)
        return outcome_of_rv("store", key, rv);
    object_read_optional(&client, object, CKA_LABEL, &label);
    client_close(&client);
    STEP(drop_old(request, &value));
    return request->json ? object_print_text("key", &label) : OUTCOME_OK;
}
