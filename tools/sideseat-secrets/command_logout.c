/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/status.h"
#include "sideseat-pkcs11.h"

enum outcome command_logout(const struct request *request)
{
    AUTO_CLIENT client = {0};

    STEP(client_open(&client, request, CLIENT_READ));
    return status_order(&client, CKA_SIDESEAT_LOCK, "lock the store of token");
}
