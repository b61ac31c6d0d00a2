/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tools/sideseat-secrets/object.h"
#include "tools/sideseat-secrets/status.h"
#include "sideseat-pkcs11.h"

enum outcome command_accept_loss(const struct request *request)
{
    AUTO_CLIENT client = {0};
    AUTO_SECRET label = {0};
    CK_RV rv = CKR_OK;

    STEP(client_open(&client, request, CLIENT_WRITE));
    STEP(status_order(&client, CKA_SIDESEAT_ACCEPT_LOSS, &rv));
    if (rv != CKR_OK)
        return outcome_of_rv("accept the loss in token", client.label, rv);
    if (!request->json)
        return OUTCOME_OK;
    if (store_secret_set(&label, client.label, strlen(client.label)) != STORE_OK)
        return outcome_no_memory();
    return object_print_text("accepted", &label);
}
