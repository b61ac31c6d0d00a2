/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/contract/contract.h"
#include "tests/contract/keyring.h"

#include <errno.h>
#include <stdio.h>
#include <sys/types.h>
#include <unistd.h>

#include <keyutils.h>

/* Each test has a keyring of its own. */
static bool fresh(char where[CONTRACT_WHERE_SIZE])
{
    static unsigned count;

    snprintf(where, CONTRACT_WHERE_SIZE, "sideseat-contract-%ld-%u", (long)getpid(), count++);
    return keyctl_get_keyring_ID(KEY_SPEC_USER_KEYRING, 1) > 0;
}

static struct store_conf_set *conf(const char *where)
{
    const char *const settings[] = {"keyutils.keyring", where, NULL};

    return contract_settings("keyutils", settings);
}

int main(int argc, char **argv)
{
    struct contract_harness harness = {
        .backend = "keyutils",
        .fresh = fresh,
        .conf = conf,
        .destroy = keyring_remove,
        .no_timestamps = true,
        .value_max = 32767,
        .operations = 5000,
    };

    if (getuid() != 0) { /* the kernel lets an ordinary user keep 200 keys and 20,000 bytes */
        harness.value_room = 4096;
        harness.listing_count = 60;
        harness.operations = 1000;
        harness.kills = 3;
    }
    return contract_run(&harness, argc, argv);
}
