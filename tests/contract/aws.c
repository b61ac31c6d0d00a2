/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/contract/contract.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/*
 * Against the server that AWS's standard variables name: tests/servers/with_moto.py starts one and
 * this program. Each test has a prefix of its own. Deletion is immediate, so that
 * the suite can write a key that it has removed; tests/cloud/aws has the cases of the recovery
 * window.
 */

/*
 * A record's share of AWS's 65,536 bytes, besides the value:
 * {"value":"","metadata":{"created_at": "2026-01-02T03:04:05.123456789Z","updated_at":"…"}}, and
 * ,"encoding":"base64" if it is not text. Times are shorter now and then, each by up to nine
 * digits.
 */
#define LIMIT 65536
#define OVERHEAD 117
#define OVERHEAD_BINARY 137
#define TIMES_SPARE 20

/* Names have up to 512 characters, and each of a key's may take three. */
#define KEY_MAX 160

static bool fresh(char where[CONTRACT_WHERE_SIZE])
{
    static unsigned count;

    snprintf(where, CONTRACT_WHERE_SIZE, "contract/%ld.%u", (long)getpid(), count++);
    return getenv("AWS_ENDPOINT_URL") != NULL;
}

static struct store_conf_set *conf(const char *where)
{
    const char *const settings[] = {"aws.prefix", where, "aws.recovery_window_days", "0", NULL};

    return contract_settings("aws", settings);
}

static void destroy(const char *where)
{
    (void)where; /* it ends with the server */
}

int main(int argc, char **argv)
{
    const struct contract_harness harness = {
        .backend = "aws",
        .fresh = fresh,
        .conf = conf,
        .destroy = destroy,
        .value_max = LIMIT - OVERHEAD,
        .value_spare = TIMES_SPARE,
        .binary_max = (LIMIT - OVERHEAD_BINARY) / 4 * 3,
        .key_max = KEY_MAX,
        .listing_count = 250,
        .operations = 300,
        .kills = 3,
    };

    return contract_run(&harness, argc, argv);
}
