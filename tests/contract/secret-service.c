/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/contract/contract.h"

#include <stdio.h>
#include <stdlib.h>

/* The script in tests/servers that this program runs under; each test begins with a service that
 * has nothing stored. */
static bool fresh(char where[CONTRACT_WHERE_SIZE])
{
    snprintf(where, CONTRACT_WHERE_SIZE, "session");
    return getenv("SIDESEAT_SERVICE") != NULL && system("\"$SIDESEAT_SERVICE\" --fresh") == 0;
}

static struct store_conf_set *conf(const char *where)
{
    const char *const settings[] = {NULL};

    (void)where;
    return contract_settings("secret-service", settings);
}

static void destroy(const char *where)
{
    (void)where;
}

int main(int argc, char **argv)
{
    const struct contract_harness harness = {
        .backend = "secret-service",
        .fresh = fresh,
        .conf = conf,
        .destroy = destroy,
        .value_max = (size_t)1024 * 1024,
        .listing_count = 300, /* each write costs the service more, the more it holds */
        .operations = 1500,
        .kills = 5,
    };

    return contract_run(&harness, argc, argv);
}
