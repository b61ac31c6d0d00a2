/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tools/sideseat-secrets/object.h"
#include "sideseat-pkcs11.h"

enum outcome command_accept_loss(const struct request *request)
{
    const CK_OBJECT_CLASS class = CKO_SIDESEAT_STATUS;
    const CK_ATTRIBUTE rows[] = {OBJECT_ROW(CKA_CLASS, &class, sizeof class)};
    CK_ATTRIBUTE accept = OBJECT_ROW(CKA_SIDESEAT_ACCEPT_LOSS, "1", 1);
    AUTO_CLIENT client = {0};
    AUTO_SECRET label = {0};
    CK_OBJECT_HANDLE object = 0;
    CK_RV rv;

    STEP(client_open(&client, request, CLIENT_WRITE));
    STEP(object_find(&client, rows, 1, client.label, &object));
    rv = client.p11->C_SetAttributeValue(client.session, object, &accept, 1);
    if (rv != CKR_OK)
        return outcome_of_rv("accept the loss in token", client.label, rv);
    if (!request->json)
        return OUTCOME_OK;
    if (store_secret_set(&label, client.label, strlen(client.label)) != STORE_OK)
        return outcome_no_memory();
    return object_print_text("accepted", &label);
}
