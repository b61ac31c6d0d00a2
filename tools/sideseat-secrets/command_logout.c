/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/status.h"
#include "sideseat-pkcs11.h"

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
    return rv == CKR_OK ? OUTCOME_OK : outcome_of_rv("lock the store of token", client.label, rv);
}
