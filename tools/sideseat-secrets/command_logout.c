/* SPDX-License-Identifier: Apache-2.0 */
#include "sideseat-pkcs11.h"
#include "tools/sideseat-secrets/print.h"
#include "tools/sideseat-secrets/status.h"

enum outcome command_logout(const struct request *request)
{
    AUTO_CLIENT client = {0};
    CK_RV rv = CKR_OK;

    STEP(client_open(&client, request, CLIENT_READ));
    STEP(status_order(&client, CKA_SIDESEAT_LOCK, &rv));
    if (rv == CKR_FUNCTION_NOT_SUPPORTED) {
        outcome_print("the store of token %s has no lock, so a login leaves nothing to undo",
                      client.label);
        return OUTCOME_FAILED;
    }
    if (rv != CKR_OK)
        return outcome_of_rv("lock the store of token", client.label, rv);
    return request->json ? print_json_alone("logged_out", client.label) : OUTCOME_OK;
}
