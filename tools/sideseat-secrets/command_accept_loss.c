/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/object.h"
#include "sideseat-pkcs11.h"

enum outcome command_accept_loss(const struct request *request)
{
    const char *token = request->token == NULL ? "asked for" : request->token;
    const CK_OBJECT_CLASS class = CKO_SIDESEAT_STATUS;
    const CK_ATTRIBUTE rows[] = {OBJECT_ROW(CKA_CLASS, &class, sizeof class)};
    CK_ATTRIBUTE accept = OBJECT_ROW(CKA_SIDESEAT_ACCEPT_LOSS, "1", 1);
    AUTO_CLIENT client = {0};
    CK_OBJECT_HANDLE object = 0;
    CK_RV rv;

    STEP(client_open(&client, request, CLIENT_WRITE));
    STEP(object_find(&client, rows, 1, token, &object));
    rv = client.p11->C_SetAttributeValue(client.session, object, &accept, 1);
    return rv == CKR_OK ? OUTCOME_OK : outcome_of_rv("accept the loss in token", token, rv);
}
