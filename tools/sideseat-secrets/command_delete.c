/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/object.h"

enum outcome command_delete(const struct request *request)
{
    AUTO_CLIENT client = {0};
    CK_OBJECT_HANDLE object = 0;
    CK_RV rv;

    STEP(client_open(&client, request, CLIENT_WRITE));
    STEP(object_find_secret(&client, request->keys[0], &object));
    rv = client.p11->C_DestroyObject(client.session, object);
    return rv == CKR_OK ? OUTCOME_OK : outcome_of_rv("delete", request->keys[0], rv);
}
