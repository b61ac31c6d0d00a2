/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/client.h"

enum outcome command_login(const struct request *request)
{
    struct request with_login = *request;
    AUTO_CLIENT client = {0};

    with_login.login = true;
    return client_open(&client, &with_login, CLIENT_READ);
}
