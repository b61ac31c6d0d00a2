/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/contract/contract.h"

#include "tests/macos/double.h"
#include "tests/macos/place.h"

/* On the double of the keychains; each test has a folder of its own. */
static bool fresh(char where[CONTRACT_WHERE_SIZE])
{
    return place_make(where, CONTRACT_WHERE_SIZE);
}

static struct store_conf_set *conf(const char *where)
{
    const char *const settings[] = {"data_dir", where, NULL};

    double_use(where);
    return contract_settings("data-protection-keychain", settings);
}

int main(int argc, char **argv)
{
    const struct contract_harness harness = {
        .backend = "data-protection-keychain",
        .fresh = fresh,
        .conf = conf,
        .destroy = place_remove,
        .value_max = (size_t)1024 * 1024,
        .operations = 5000,
    };

    return contract_run(&harness, argc, argv);
}
