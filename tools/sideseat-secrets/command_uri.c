/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "store/scope.h"
#include "tools/sideseat-secrets/object.h"
#include "tools/sideseat-secrets/uri.h"

static enum outcome print_uri(const struct request *request, const char *key, const char *uri)
{
    AUTO_PRINT_JSON json = {0};

    if (!request->json) {
        STEP(print_bytes(uri, strlen(uri)));
        return print_bytes("\n", 1);
    }
    if (!print_json_open(&json))
        return outcome_no_memory();
    (void)yajl_gen_map_open(json.gen);
    print_json_text(&json, "key", key);
    print_json_text(&json, "uri", uri);
    (void)yajl_gen_map_close(json.gen);
    return print_json_close(&json);
}

enum outcome command_uri(const struct request *request)
{
    const char *key = request->keys[0];
    AUTO_CLIENT client = {0};
    char full[STORE_KEY_MAX + 1];
    CK_TOKEN_INFO token;
    enum outcome outcome;
    char *uri;

    STEP(client_open(&client, request, CLIENT_READ));
    if (!client_token(&client, client.slot, &token)) {
        outcome_print("the token is gone; see: sideseat-secrets status");
        return OUTCOME_UNREACHABLE;
    }
    /* another module's labels stand as they are */
    if (client_is_ours(&token) && store_scope_complete(key, strlen(key), full) == STORE_OK)
        key = full;
    uri = uri_format(&token, key);
    if (uri == NULL)
        return outcome_no_memory();
    outcome = print_uri(request, key, uri);
    free(uri);
    return outcome;
}
