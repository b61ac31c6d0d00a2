/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/contract/contract.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A store of its own is a prefix of its own. */

static bool fresh(char where[CONTRACT_WHERE_SIZE])
{
    static unsigned count;

    snprintf(where, CONTRACT_WHERE_SIZE, "CONTRACT_%d_%u_", (int)getpid(), count++);
    return true;
}

static struct store_conf_set *conf(const char *where)
{
    const char *const settings[] = {"env.prefix", where, NULL};

    return contract_settings("env", settings);
}

/* The first variable of the store; false if it has none. */
static bool first_name(const char *where, char name[2 * CONTRACT_WHERE_SIZE])
{
    for (char **variable = environ; *variable != NULL; variable++)
        if (strncmp(*variable, where, strlen(where)) == 0) {
            snprintf(name, 2 * CONTRACT_WHERE_SIZE, "%.*s", (int)strcspn(*variable, "="),
                     *variable);
            return true;
        }
    return false;
}

static void destroy(const char *where)
{
    char name[2 * CONTRACT_WHERE_SIZE];

    while (first_name(where, name))
        unsetenv(name);
}

/* The owner's way, spelled out rather than taken from the backend. */
static void seed(const char *where, const char *key, const char *value)
{
    static const struct {
        const char *key;
        const char *name;
    } table[] = {
        {"global/jwt_signing_key", "GLOBAL_JWT_SIGNING_KEY"},
        {"org/acme/api_key", "ORG_ACME_API_KEY"},
        {"project/p1/token", "PROJECT_P1_TOKEN"},
        {"user/u1/personal_token", "USER_U1_PERSONAL_TOKEN"},
    };
    char name[2 * CONTRACT_WHERE_SIZE];

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (strcmp(table[i].key, key) != 0)
            continue;
        snprintf(name, sizeof name, "%s%s", where, table[i].name);
        assert_int_equal(setenv(name, value, 1), 0);
        return;
    }
    fail_msg("no variable's name is known for %s", key);
}

int main(int argc, char **argv)
{
    const struct contract_harness harness = {
        .backend = "env",
        .fresh = fresh,
        .conf = conf,
        .destroy = destroy,
        .seed = seed,
        .no_timestamps = true,
        .no_versions = true,
    };

    return contract_run(&harness, argc, argv);
}
