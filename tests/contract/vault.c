/* SPDX-License-Identifier: Apache-2.0 */
#include "contract.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Vault, as started by tests/servers/with_vault.py; each test has a prefix of its own. */

/*
 * What a record takes besides its value:
 * {"value":"","metadata":{"created_at":"2026-01-02T03:04:05.123456789Z","updated_at":"…"}}, and
 * ,"encoding":"base64" if it is no text. Times end earlier now and then, each by up to nine digits.
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

static bool put(struct store_conf_set *set, const char *path, const char *value)
{
    return store_conf_put(set, path, value, strlen(value), "the test") == STORE_OK;
}

static struct store_conf_set *conf(const char *where)
{
    struct store_conf_set *set = NULL;

    if (store_conf_begin(&set, "contract", "vault") != STORE_OK)
        return NULL;
    /* The machine that runs all tests may be slow, and nothing here is about deadlines. */
    if (put(set, "vault.prefix", where) && put(set, "vault.address", getenv("VAULT_ADDR")) &&
        put(set, "vault.token", getenv("VAULT_TOKEN")) && put(set, "timeout_ms", "60000"))
        return set;
    store_conf_free(set);
    return NULL;
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
