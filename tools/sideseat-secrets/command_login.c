/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/print.h"
#include "tools/sideseat-secrets/status.h"

enum outcome command_login(const struct request *request)
{
    struct request with_login = *request;
    AUTO_CLIENT client = {0};

    with_login.login = true;
    STEP(client_open(&client, &with_login, CLIENT_READ));
    STEP(status_works(&client));
    return request->json ? print_json_alone("logged_in", client.label) : OUTCOME_OK;
}
