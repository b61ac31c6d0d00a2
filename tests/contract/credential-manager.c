/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/contract/contract.h"

#include "tests/windows/credentials.h"

static bool fresh(char where[CONTRACT_WHERE_SIZE])
{
    return credentials_make(where, CONTRACT_WHERE_SIZE);
}

static struct store_conf_set *conf(const char *where)
{
    const char *const settings[] = {NULL};

    credentials_use(where);
    return contract_settings("credential-manager", settings);
}

int main(int argc, char **argv)
{
    const struct contract_harness harness = {
        .backend = "credential-manager",
        .fresh = fresh,
        .conf = conf,
        .destroy = credentials_remove,
        .value_max = (size_t)1024 * 1024,
        .operations = 5000,
        .key_max = credentials_key_max(),
    };

    return contract_run(&harness, argc, argv);
}
