/* SPDX-License-Identifier: Apache-2.0 */
#include "contract.h"

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
    struct store_conf_set *set = NULL;
    enum store_err err = store_conf_begin(&set, "contract", "secret-service");

    (void)where;
    /* The machine that runs all tests may be slow, and nothing here is about deadlines. */
    if (err == STORE_OK)
        err = store_conf_put(set, "timeout_ms", "60000", 5, "test");
    if (err == STORE_OK)
        return set;
    store_conf_free(set);
    return NULL;
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
