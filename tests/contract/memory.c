/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/contract/contract.h"

#include <stdio.h>

static bool fresh(char where[CONTRACT_WHERE_SIZE])
{
    snprintf(where, CONTRACT_WHERE_SIZE, "memory");
    return true;
}

static struct store_conf_set *conf(const char *where)
{
    const char *const settings[] = {NULL};

    (void)where;
    return contract_settings("memory", settings);
}

static void destroy(const char *where)
{
    (void)where;
}

int main(int argc, char **argv)
{
    const struct contract_harness harness = {
        .backend = "memory",
        .fresh = fresh,
        .conf = conf,
        .destroy = destroy,
        .private_ctx = true,
    };

    return contract_run(&harness, argc, argv);
}
