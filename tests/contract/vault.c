/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/contract/contract.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Vault, as started by tests/servers/with_vault.py; each test has a prefix of its own. */

/*
 * The bytes of a record besides its value:
 * {"value":"","metadata":{"created_at":"2026-01-02T03:04:05.123456789Z","updated_at":"…"}}, and
 * ,"encoding":"base64" if it is not text. Times are shorter now and then, each by up to nine
 * digits.
 */
#define LIMIT ((size_t)1024 * 1024 - 1024)
#define OVERHEAD 117
#define OVERHEAD_BINARY 137
#define TIMES_SPARE 20

static bool fresh(char where[CONTRACT_WHERE_SIZE])
{
    static unsigned count;

    snprintf(where, CONTRACT_WHERE_SIZE, "contract/%ld.%u", (long)getpid(), count++);
    return getenv("VAULT_ADDR") != NULL;
}

static struct store_conf_set *conf(const char *where)
{
    const char *const settings[] = {
        "vault.prefix",        where, "vault.address", getenv("VAULT_ADDR"), "vault.token",
        getenv("VAULT_TOKEN"), NULL,
    };

    return contract_settings("vault", settings);
}

static void destroy(const char *where)
{
    (void)where; /* it ends with the server */
}

int main(int argc, char **argv)
{
    const struct contract_harness harness = {
        .backend = "vault",
        .fresh = fresh,
        .conf = conf,
        .destroy = destroy,
        .versions_recur = true,
        .keys_are_paths = true,
        .value_max = LIMIT - OVERHEAD,
        .value_spare = TIMES_SPARE,
        .binary_max = (LIMIT - OVERHEAD_BINARY) / 4 * 3,
        .listing_count = 500,
        .operations = 1000,
        .kills = 5,
    };

    return contract_run(&harness, argc, argv);
}
