/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/status.h"

enum outcome command_login(const struct request *request)
{
    struct request with_login = *request;
    AUTO_CLIENT client = {0};

    with_login.login = true;
    STEP(client_open(&client, &with_login, CLIENT_READ));
    return status_works(&client);
}
