/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/contract/contract.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

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
        if (write(STDOUT_FILENO, &i, sizeof i) != (ssize_t)sizeof i)
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

/* Starts a helper; its output comes out of `from` (-1: not wanted). */
static pid_t start(const struct contract *c, const char *what, const char *key, const char *value,
                   int *from)
{
    int ends[2] = {-1, -1};
    pid_t child;

    if (from != NULL)
        assert_int_equal(pipe(ends), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (from != NULL) {
            dup2(ends[1], STDOUT_FILENO);
            close(ends[0]);
            close(ends[1]);
        }
        execl("/proc/self/exe", c->harness->backend, "child", c->where, what, key, value,
              (char *)NULL);
        _exit(127);
    }
    if (from != NULL) {
        close(ends[1]);
        *from = ends[0];
    }
    return child;
}

static int finish(pid_t child)
{
    int status = 0;

    while (waitpid(child, &status, 0) < 0)
        assert_int_equal(errno, EINTR);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void a_change_is_seen_by_another_process(void **state)
{
    struct contract *c = *state;

    assert_int_equal(finish(start(c, "put", "org/acme/a", "theirs", NULL)), 0);
    contract_expect(&c->store, "org/acme/a", "theirs");
    contract_expect_keys(&c->store, "", (const char *const[]){"org/acme/a", NULL});
    assert_err(contract_put(&c->store, "org/acme/a", "mine", NULL, NULL), STORE_OK);
    assert_int_equal(finish(start(c, "get", "org/acme/a", "mine", NULL)), 0);
    assert_int_equal(finish(start(c, "put", "org/acme/a", "theirs again", NULL)), 0);
    contract_expect(&c->store, "org/acme/a", "theirs again");
}

/* Kills a writer that has told of `told` writes; the number of writes that it told of in all. */
static int kill_writer(struct contract *c, const char *prefix, int told)
{
    int from;
    pid_t child = start(c, "write-on", prefix, NULL, &from);
    int last = -1;
    int number;

    while (read(from, &number, sizeof number) == (ssize_t)sizeof number) {
        assert_int_equal(number, last + 1);
        last = number;
        if (last == told)
            kill(child, SIGKILL);
    }
    close(from);
    assert_int_equal(finish(child), 128 + SIGKILL);
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
