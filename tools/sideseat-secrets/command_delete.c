/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/object.h"

static enum outcome delete_one(struct client *client, const struct request *request, size_t index)
{
    const char *key = request->keys[index];
    CK_OBJECT_HANDLE object = 0;
    enum outcome outcome = object_find_asked(client, request, index, CKO_DATA, &object);
    CK_RV rv;

    if (outcome == OUTCOME_NOT_FOUND)
        return object_absent("secret", key, "");
    STEP(outcome);
    rv = client->p11->C_DestroyObject(client->session, object);
    return rv == CKR_OK ? OUTCOME_OK : outcome_of_rv("delete", key, rv);
}

enum outcome command_delete(const struct request *request)
{
    AUTO_CLIENT client = {0};
    enum outcome first = OUTCOME_OK;

    STEP(client_open(&client, request, CLIENT_WRITE));
    /* as rm(1): one that fails does not keep the others */
    for (size_t i = 0; i < request->key_count; i++) {
        enum outcome outcome = delete_one(&client, request, i);
        if (first == OUTCOME_OK)
            first = outcome;
    }
    return first;
}
