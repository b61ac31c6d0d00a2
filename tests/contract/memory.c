/* SPDX-License-Identifier: Apache-2.0 */
#include "contract.h"

#include <stdio.h>

static bool fresh(char where[CONTRACT_WHERE_SIZE])
{
    snprintf(where, CONTRACT_WHERE_SIZE, "memory");
    return true;
}

static struct store_conf_set *conf(const char *where)
{
    struct store_conf_set *set = NULL;

    (void)where;
    return store_conf_begin(&set, "contract", "memory") == STORE_OK ? set : NULL;
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
