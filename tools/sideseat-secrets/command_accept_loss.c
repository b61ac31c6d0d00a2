/* SPDX-License-Identifier: Apache-2.0 */
#include "sideseat-pkcs11.h"
#include "tools/sideseat-secrets/print.h"
#include "tools/sideseat-secrets/status.h"

enum outcome command_accept_loss(const struct request *request)
{
    AUTO_CLIENT client = {0};
    CK_RV rv = CKR_OK;

    STEP(client_open(&client, request, CLIENT_WRITE));
    STEP(status_order(&client, CKA_SIDESEAT_ACCEPT_LOSS, &rv));
    if (rv != CKR_OK)
        return outcome_of_rv("accept the loss in token", client.label, rv);
    return request->json ? print_json_alone("accepted", client.label) : OUTCOME_OK;
}
