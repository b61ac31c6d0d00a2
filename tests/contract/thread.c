/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/contract/contract.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define THREADS 8

struct worker {
    const struct store *store;
    int number;
    int rounds;
    const char *failed; /* the first failure */
    char said[128];
};

static void run_workers(const struct store *store, int rounds, void *(*work)(void *))
{
    pthread_t threads[THREADS];
    struct worker workers[THREADS];

    for (int i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.store = store, .number = i, .rounds = rounds};
        assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < THREADS; i++)
        if (workers[i].failed != NULL)
            fail_msg("thread %d: %s", i, workers[i].failed);
}

/* cmocka's assertions belong to the main thread; this remembers the first failure instead. */
static bool check(struct worker *worker, bool holds, const char *what, enum store_err err)
{
    if (holds || worker->failed != NULL)
        return holds;
    snprintf(worker->said, sizeof worker->said, "%s (%s)", what, store_err_name(err));
    worker->failed = worker->said;
    return false;
}

static enum store_err count_key(void *arg, const char *key, enum store_err err,
                                const struct store_record *record)
{
    size_t *count = arg;

    (void)err;
    (void)record;
    *count += strncmp(key, "org/own/", 8) == 0;
    return STORE_OK;
}

/* Each thread has a secret of its own, which the others do not touch, and one that all write. */
static void *mix(void *arg)
{
    struct worker *w = arg;
    const struct store *store = w->store;
    char own[64];
    char value[64];
    enum store_err err;

    snprintf(own, sizeof own, "org/own/secret_%d", w->number);
    for (int i = 0; i < w->rounds; i++) {
        AUTO_RECORD found = {0};
        size_t listed = 0;
        snprintf(value, sizeof value, "thread %d round %d", w->number, i);
        err = contract_put(store, own, value, NULL, NULL);
        check(w, err == STORE_OK, "cannot write its own secret", err);
        err = contract_put(store, "org/all/secret", value, NULL, NULL);
        check(w, err == STORE_OK, "cannot write the common secret", err);
        err = contract_get(store, own, &found);
        check(w, err == STORE_OK && store_secret_equal(&found.value, value, strlen(value)),
              "does not find its own value", err);
        err = contract_get(store, "org/all/secret", &found);
        check(w, err == STORE_OK && memcmp(found.value.data, "thread ", 7) == 0,
              "does not find a whole common value", err);
        err = store->backend->list(store->ctx, "org/", NULL, count_key, &listed);
        check(w, err == STORE_OK && listed >= 1 && listed <= THREADS, "lists wrongly", err);
        if (i % 4 != 3)
            continue;
        err = store->backend->remove(store->ctx, own, NULL);
        check(w, err == STORE_OK, "cannot remove its own secret", err);
        err = contract_get(store, own, &found);
        check(w, err == STORE_NOT_FOUND, "finds what it removed", err);
    }
    return NULL;
}

static void threads_do_not_disturb_each_other(void **state)
{
    struct contract *c = *state;

    run_workers(&c->store, 24, mix);
    contract_expect_keys(&c->store, "", (const char *const[]){"org/all/secret", NULL});
}

#define INCREMENTS 10

/* Reads, adds one, writes unless another thread was quicker. */
static void *increment(void *arg)
{
    struct worker *w = arg;
    const struct store *store = w->store;

    for (int done = 0; done < w->rounds && w->failed == NULL;) {
        AUTO_RECORD found = {0};
        char text[32] = "";
        enum store_err err = contract_get(store, "global/counter", &found);
        if (!check(w, err == STORE_OK && found.value.len < sizeof text, "cannot read", err))
            break;
        memcpy(text, found.value.data, found.value.len);
        snprintf(text, sizeof text, "%d", atoi(text) + 1);
        err = contract_put(store, "global/counter", text, found.version, NULL);
        check(w, err == STORE_OK || err == STORE_CONFLICT, "cannot write", err);
        done += err == STORE_OK;
    }
    return NULL;
}

static void compare_and_set_loses_no_update(void **state)
{
    struct contract *c = *state;
    char total[16];

    if (c->harness->no_versions)
        skip();
    assert_err(contract_put(&c->store, "global/counter", "0", NULL, NULL), STORE_OK);
    run_workers(&c->store, INCREMENTS, increment);
    snprintf(total, sizeof total, "%d", THREADS * INCREMENTS);
    contract_expect(&c->store, "global/counter", total);
}

static _Atomic int winners;

static void *create(void *arg)
{
    struct worker *w = arg;
    char key[32];

    for (int i = 0; i < w->rounds; i++) {
        snprintf(key, sizeof key, "global/first_%d", i);
        enum store_err err = contract_put(w->store, key, "mine", "0", NULL);
        check(w, err == STORE_OK || err == STORE_CONFLICT, "cannot create", err);
        winners += err == STORE_OK;
    }
    return NULL;
}

static void only_one_creates_a_secret_that_must_not_exist(void **state)
{
    struct contract *c = *state;

    if (c->harness->no_versions)
        skip();
    winners = 0;
    run_workers(&c->store, 10, create);
    assert_int_equal(winners, 10);
}

static void *replace(void *arg)
{
    struct worker *w = arg;

    for (int i = 0; i < w->rounds; i++) {
        enum store_err err =
            contract_put(w->store, "global/shared", "mine", STORE_VERSION_ANY, NULL);
        check(w, err == STORE_OK, "cannot replace", err);
    }
    return NULL;
}

/* However often others win meanwhile: a writer that asks for no version has no conflict. */
static void each_replaces_a_secret_of_any_version(void **state)
{
    struct contract *c = *state;

    if (c->harness->no_versions)
        skip();
    assert_err(contract_put(&c->store, "global/shared", "first", NULL, NULL), STORE_OK);
    run_workers(&c->store, 10, replace);
    contract_expect(&c->store, "global/shared", "mine");
}

void contract_thread_cases(struct contract_list *list)
{
    CONTRACT_ADD(list, threads_do_not_disturb_each_other);
    CONTRACT_ADD(list, compare_and_set_loses_no_update);
    CONTRACT_ADD(list, only_one_creates_a_secret_that_must_not_exist);
    CONTRACT_ADD(list, each_replaces_a_secret_of_any_version);
}
