/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/contract/contract.h"

#include <string.h>

#include "tests/contract/peer.h"

/*
 * The rules for every store, a read-only one included. The harness of a read-only store puts the
 * secrets in by `seed`; the suite writes to the others.
 */

static const char *const seeded[] = {"global/jwt_signing_key", "org/acme/api_key",
                                     "project/p1/token", "user/u1/personal_token"};
#define SEEDED (sizeof seeded / sizeof seeded[0])

static void seed_all(struct contract *c)
{
    for (size_t i = 0; i < SEEDED; i++) {
        if (c->harness->seed != NULL)
            c->harness->seed(c->where, seeded[i], seeded[i]);
        else
            assert_err(contract_put(&c->store, seeded[i], seeded[i], NULL, NULL), STORE_OK);
    }
    if (c->harness->seed != NULL)
        contract_shared_start(c); /* its owner's secrets may be in the environment */
}

static void the_table_agrees_with_the_registry(void **state)
{
    struct contract *c = *state;
    const struct store_backend *backend = c->store.backend;

    assert_ptr_equal(c->store.registration, store_registry_find(c->harness->backend));
    assert_int_equal(backend == c->store.registration->backend, contract_is_direct());
    assert_non_null(backend->open);
    assert_non_null(backend->close);
    assert_non_null(backend->read);
    assert_non_null(backend->list);
    assert_int_equal(backend->write == NULL, c->store.registration->read_only);
    assert_int_equal(backend->remove == NULL, backend->write == NULL);
    assert_int_equal(c->harness->seed != NULL, c->store.registration->read_only);
}

static void existing_secrets_are_read_and_listed(void **state)
{
    struct contract *c = *state;
    const char *all[SEEDED + 1] = {NULL};

    seed_all(c);
    for (size_t i = 0; i < SEEDED; i++) {
        all[i] = seeded[i];
        contract_expect(&c->store, seeded[i], seeded[i]);
    }
    contract_expect(&c->store, "global/never", NULL);
    contract_expect(&c->store, "org/acme/jwt_signing_key", NULL);
    contract_expect_keys(&c->store, "", all);
    contract_expect_keys(&c->store, "org/acme/", (const char *const[]){seeded[1], NULL});
    contract_expect_keys(&c->store, "org/acm/", (const char *const[]){NULL});
}

struct answers {
    int calls[6];
    char versions[6][STORE_VERSION_SIZE];
    int64_t created_ns[6];
    int64_t updated_ns[6];
    enum store_err end_with;
};

static const char *const asked[6] = {"global/jwt_signing_key", "global/never",
                                     "user/u1/personal_token", "org/acme/never",
                                     "org/acme/api_key",       "user/never/x"};

static enum store_err take_answer(void *arg, const char *key, enum store_err err,
                                  const struct store_record *record)
{
    struct answers *answers = arg;

    for (size_t i = 0; i < 6; i++) {
        if (strcmp(asked[i], key) != 0)
            continue;
        answers->calls[i]++;
        assert_err(err, i % 2 == 0 ? STORE_OK : STORE_NOT_FOUND);
        if (i % 2 != 0) {
            assert_null(record);
            continue;
        }
        assert_true(store_secret_equal(&record->value, key, strlen(key)));
        strcpy(answers->versions[i], record->version);
        answers->created_ns[i] = record->created_ns;
        answers->updated_ns[i] = record->updated_ns;
    }
    return answers->end_with;
}

/* A bulk read may leave out times and version together, but has the same ones as a read; that of a
 * cached store has all of them, since the cache passes them on to single reads. */
static void expect_the_same(const struct store *store, const struct answers *answers, size_t i)
{
    AUTO_RECORD record = {0};
    bool told = answers->versions[i][0] != '\0' || store->registration->cached;

    assert_err(store->backend->read(store->ctx, asked[i], &record), STORE_OK);
    assert_string_equal(answers->versions[i], told ? record.version : "");
    assert_int_equal(answers->created_ns[i], told ? record.created_ns : 0);
    assert_int_equal(answers->updated_ns[i], told ? record.updated_ns : 0);
}

static void reading_many_answers_once_for_each(void **state)
{
    struct contract *c = *state;
    struct answers answers = {.end_with = STORE_OK};
    struct answers ended = {.end_with = STORE_CANCELED};
    int calls = 0;

    if (c->store.backend->read_many == NULL)
        skip();
    seed_all(c);
    assert_err(c->store.backend->read_many(c->store.ctx, asked, 6, take_answer, &answers),
               STORE_OK);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(answers.calls[i], 1);
    for (size_t i = 0; i < 6; i += 2)
        expect_the_same(&c->store, &answers, i);
    assert_err(c->store.backend->read_many(c->store.ctx, asked, 0, take_answer, &answers),
               STORE_OK);
    assert_err(c->store.backend->read_many(c->store.ctx, asked, 6, take_answer, &ended),
               STORE_CANCELED);
    for (size_t i = 0; i < 6; i++)
        calls += ended.calls[i];
    assert_int_equal(calls, 1);
}

static void opening_and_closing_keeps_nothing(void **state)
{
    struct contract *c = *state;
    size_t before = 0;

    c->store.backend->close(NULL);
    for (int i = 0; i < 20; i++) {
        struct store store = contract_open(c);
        contract_expect(&store, "global/never", NULL);
        store_close(&store);
        if (i == 0)
            before = peer_open_files();
    }
    assert_int_equal(peer_open_files(), before);
}

static void a_store_that_works_is_well(void **state)
{
    struct contract *c = *state;
    struct store_health health;

    if (c->store.backend->health == NULL)
        skip();
    memset(&health, 'x', sizeof health);
    c->store.backend->health(c->store.ctx, &health);
    assert_err(health.err, STORE_OK);
    assert_true(memchr(health.text, '\0', sizeof health.text) != NULL);
    assert_string_equal(health.remedy, "");
}

static void logging_out_changes_no_secret(void **state)
{
    struct contract *c = *state;

    if (c->store.backend->logout == NULL)
        skip();
    seed_all(c);
    contract_expect(&c->store, seeded[0], seeded[0]);
    c->store.backend->logout(c->store.ctx);
    contract_expect(&c->store, seeded[0], seeded[0]);
}

void contract_read_cases(struct contract_list *list)
{
    CONTRACT_ADD(list, the_table_agrees_with_the_registry);
    CONTRACT_ADD(list, existing_secrets_are_read_and_listed);
    CONTRACT_ADD(list, reading_many_answers_once_for_each);
    CONTRACT_ADD(list, opening_and_closing_keeps_nothing);
    CONTRACT_ADD(list, a_store_that_works_is_well);
    CONTRACT_ADD(list, logging_out_changes_no_secret);
}
