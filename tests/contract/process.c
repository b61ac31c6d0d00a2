/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/contract/contract.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/contract/peer.h"

/*
 * One store, several processes. The helper is this program, started again as
 * `program child WHERE put KEY VALUE`, `… get KEY VALUE` or `… write-on PREFIX`.
 */

/* Writes PREFIX0, PREFIX1, … (each its number) and says each number once it is written. */
static int write_on(const struct store *store, const char *prefix)
{
    char key[STORE_KEY_MAX + 1];
    char value[16];

    for (int i = 0; i < 100000; i++) {
        snprintf(key, sizeof key, "%s%d", prefix, i);
        snprintf(value, sizeof value, "%d", i);
        if (contract_put(store, key, value, NULL, NULL) != STORE_OK)
            return 1;
        if (write(STDOUT_FILENO, &i, sizeof i) != (int)sizeof i)
            return 1;
    }
    return 0;
}

static int get(const struct store *store, const char *key, const char *value)
{
    AUTO_RECORD found = {0};

    if (contract_get(store, key, &found) != STORE_OK)
        return 1;
    return store_secret_equal(&found.value, value, strlen(value)) ? 0 : 2;
}

int contract_child(const struct contract_harness *harness, int argc, char **argv)
{
    struct store_conf_set *conf = argc < 3 ? NULL : contract_conf(harness, argv[0]);
    struct store store;
    int result = 64;

    if (conf == NULL || contract_open_conf(&store, store_conf_at(conf, 0)) != STORE_OK)
        return 65;
    if (strcmp(argv[1], "put") == 0 && argc == 4)
        result = contract_put(&store, argv[2], argv[3], NULL, NULL) == STORE_OK ? 0 : 1;
    else if (strcmp(argv[1], "get") == 0 && argc == 4)
        result = get(&store, argv[2], argv[3]);
    else if (strcmp(argv[1], "write-on") == 0)
        result = write_on(&store, argv[2]);
    store_close(&store);
    store_conf_free(conf);
    return result;
}

/* Starts a helper. */
static struct peer start(const struct contract *c, const char *what, const char *key,
                         const char *value, bool with_output)
{
    const char *const arguments[] = {
        c->harness->backend, "child", c->where, what, key, value, NULL};

    return peer_start(arguments, with_output);
}

static int run(const struct contract *c, const char *what, const char *key, const char *value)
{
    const struct peer peer = start(c, what, key, value, false);

    return peer_finish(&peer);
}

static void a_change_is_seen_by_another_process(void **state)
{
    struct contract *c = *state;

    assert_int_equal(run(c, "put", "org/acme/a", "theirs"), 0);
    contract_expect(&c->store, "org/acme/a", "theirs");
    contract_expect_keys(&c->store, "", (const char *const[]){"org/acme/a", NULL});
    assert_err(contract_put(&c->store, "org/acme/a", "mine", NULL, NULL), STORE_OK);
    assert_int_equal(run(c, "get", "org/acme/a", "mine"), 0);
    assert_int_equal(run(c, "put", "org/acme/a", "theirs again"), 0);
    contract_expect(&c->store, "org/acme/a", "theirs again");
}

/* Kills a writer that has told of `told` writes; the number of writes that it told of in all. */
static int kill_writer(struct contract *c, const char *prefix, int told)
{
    const struct peer child = start(c, "write-on", prefix, NULL, true);
    int last = -1;
    int number;

    while (read(child.from, &number, sizeof number) == (int)sizeof number) {
        assert_int_equal(number, last + 1);
        last = number;
        if (last == told)
            peer_kill(&child);
    }
    close(child.from);
    assert_int_equal(peer_finish(&child), PEER_KILLED);
    return last + 1;
}

static unsigned number_from_environment(const char *name, unsigned otherwise)
{
    const char *text = getenv(name);

    return text == NULL ? otherwise : (unsigned)strtoul(text, NULL, 10);
}

static void acknowledged_writes_of_a_killed_writer_are_there(void **state)
{
    struct contract *c = *state;
    unsigned kills = c->harness->kills != 0 ? c->harness->kills : 10;
    char prefix[64];
    char key[96];
    char value[16];

    kills = number_from_environment("CONTRACT_KILLS", kills);
    assert_err(contract_put(&c->store, "global/before", "kept", NULL, NULL), STORE_OK);
    for (unsigned i = 0; i < kills; i++) {
        snprintf(prefix, sizeof prefix, "org/killed_%u/n", i);
        int told = kill_writer(c, prefix, 1 + (int)(i * 7 % 11));
        for (int n = 0; n < told; n++) {
            snprintf(key, sizeof key, "%s%d", prefix, n);
            snprintf(value, sizeof value, "%d", n);
            contract_expect(&c->store, key, value);
        }
        contract_expect(&c->store, "global/before", "kept");
        assert_err(contract_put(&c->store, "global/after", prefix, NULL, NULL), STORE_OK);
        contract_expect(&c->store, "global/after", prefix);
    }
}

void contract_process_cases(struct contract_list *list)
{
    CONTRACT_ADD(list, a_change_is_seen_by_another_process);
    CONTRACT_ADD(list, acknowledged_writes_of_a_killed_writer_are_there);
}
