/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "sideseat-pkcs11.h"
#include "tools/sideseat-secrets/commands.h"
#include "tools/sideseat-secrets/history.h"
#include "tools/sideseat-secrets/make.h"
#include "tools/sideseat-secrets/option.h"

/* rollback and undelete: the two ways back to a version. */

static enum outcome end(struct client *client, const struct request *request)
{
    CK_OBJECT_HANDLE object = 0;

    if (!request->json)
        return OUTCOME_OK;
    STEP(object_find_secret(client, request, request->keys[0], &request->uris[0], &object));
    return object_print(client, object);
}

/* Writes the value of an old version as a new one, unless another program writes meanwhile. */
enum outcome command_rollback(const struct request *request)
{
    const char *key = request->keys[0];
    AUTO_CLIENT client = {0};
    AUTO_SECRET value = {0};
    CK_OBJECT_HANDLE version = 0;
    CK_OBJECT_HANDLE object = 0;
    char current[HISTORY_TEXT_SIZE] = "0"; /* there is no secret */
    struct history history;
    CK_RV rv;

    STEP(client_open(&client, request, CLIENT_WRITE));
    STEP(history_need(&client, request, 0, &history));
    STEP(history_pick(&client, &history, key, request->keys[1], &version));
    if (history_is(&client, version, "current"))
        return end(&client, request);
    STEP(history_value(&client, key, version, &value));
    if (history_is(&client, history.objects[0], "current"))
        history_text(&client, history.objects[0], CKA_SIDESEAT_VERSION, current);
    rv = make_secret(&client, key, &value, current, &object);
    if (rv == CKR_SIDESEAT_CONFLICT)
        return outcome_of_conflict("roll back", key,
                                   "another program has changed it meanwhile; look at its history "
                                   "and try again");
    return rv == CKR_OK ? end(&client, request) : outcome_of_rv("store", key, rv);
}

enum outcome command_undelete(const struct request *request)
{
    const char *given = option_text(request, OPTION_VERSION);
    const char *key = request->keys[0];
    AUTO_CLIENT client = {0};
    struct history history;
    CK_OBJECT_HANDLE version;
    CK_RV rv;

    STEP(client_open(&client, request, CLIENT_WRITE));
    STEP(history_need(&client, request, 0, &history));
    version = history.objects[0];
    if (given != NULL)
        STEP(history_pick(&client, &history, key, given, &version));
    if (history_is(&client, version, "destroyed"))
        return history_value(&client, key, version, &(struct store_secret){0});
    if (!history_is(&client, version, "deleted"))
        return outcome_of_conflict("bring back", key,
                                   given == NULL ? "it is not deleted"
                                                 : "this version is not deleted; to make it the "
                                                   "current one: sideseat-secrets rollback");
    rv = history_set(&client, version, CKA_SIDESEAT_VERSION_STATE, "current");
    return rv == CKR_OK ? end(&client, request) : outcome_of_rv("bring back", key, rv);
}
