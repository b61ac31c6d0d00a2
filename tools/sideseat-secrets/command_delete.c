/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/object.h"

static enum outcome delete_one(struct client *client, const struct request *request, size_t index,
                               struct print_json *json)
{
    const char *key = request->keys[index];
    CK_OBJECT_HANDLE object = 0;
    AUTO_SECRET label = {0};
    CK_RV rv;

    STEP(object_find_secret(client, request, key, &request->uris[index], &object));
    object_read_optional(client, object, CKA_LABEL, &label);
    rv = client->p11->C_DestroyObject(client->session, object);
    if (rv != CKR_OK)
        return outcome_of_rv("delete", key, rv);
    if (!request->json)
        return OUTCOME_OK;
    (void)yajl_gen_map_open(json->gen);
    print_json_bytes(json, "deleted", &label);
    (void)yajl_gen_map_close(json->gen);
    return OUTCOME_OK;
}

enum outcome command_delete(const struct request *request)
{
    AUTO_CLIENT client = {0};
    AUTO_JSON json = {0};
    enum outcome first = OUTCOME_OK;
    enum outcome printed = OUTCOME_OK;

    STEP(client_open(&client, request, CLIENT_WRITE));
    if (request->json && !print_json_open(&json))
        return outcome_no_memory();
    if (request->json)
        (void)yajl_gen_array_open(json.gen);
    /* as rm(1): one that fails does not keep the others */
    for (size_t i = 0; i < request->key_count; i++) {
        enum outcome outcome = delete_one(&client, request, i, &json);
        if (first == OUTCOME_OK)
            first = outcome;
    }
    if (request->json) {
        (void)yajl_gen_array_close(json.gen);
        printed = print_json_close(&json);
    }
    return first != OUTCOME_OK ? first : printed;
}
