/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/contract/contract.h"

#include <string.h>

/* Compare-and-set: if_version of write and remove. */

static void every_write_gives_another_version(void **state)
{
    struct contract *c = *state;
    char seen[20][STORE_VERSION_SIZE];

    for (size_t i = 0; i < 20; i++) {
        AUTO_RECORD out = {0};
        assert_err(contract_put(&c->store, "global/a", i % 2 == 0 ? "even" : "odd", NULL, &out),
                   STORE_OK);
        assert_true(out.version[0] != '\0');
        assert_string_not_equal(out.version, "0");
        strcpy(seen[i], out.version);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(seen[i], seen[j]);
    }
}

static void version_0_means_that_there_is_nothing(void **state)
{
    struct contract *c = *state;

    assert_err(contract_put(&c->store, "global/a", "first", "0", NULL), STORE_OK);
    contract_expect(&c->store, "global/a", "first");
    assert_err(contract_put(&c->store, "global/a", "second", "0", NULL), STORE_CONFLICT);
    contract_expect(&c->store, "global/a", "first");
    assert_err(c->store.backend->remove(c->store.ctx, "global/a", NULL), STORE_OK);
    assert_err(contract_put(&c->store, "global/a", "third", "0", NULL), STORE_OK);
    contract_expect(&c->store, "global/a", "third");
}

static void the_current_version_lets_a_write_through(void **state)
{
    struct contract *c = *state;
    AUTO_RECORD first = {0};
    AUTO_RECORD found = {0};

    assert_err(contract_put(&c->store, "global/a", "one", "0", &first), STORE_OK);
    assert_err(contract_put(&c->store, "global/a", "two", first.version, &found), STORE_OK);
    assert_string_not_equal(found.version, first.version);
    assert_int_equal(found.created_ns, first.created_ns);
    assert_err(contract_put(&c->store, "global/a", "three", found.version, NULL), STORE_OK);
    contract_expect(&c->store, "global/a", "three");
    assert_err(contract_get(&c->store, "global/a", &found), STORE_OK);
    assert_err(contract_put(&c->store, "global/a", "four", found.version, NULL), STORE_OK);
    contract_expect(&c->store, "global/a", "four");
}

static void another_version_changes_nothing(void **state)
{
    static const char *const wrong[] = {"1000000", "nonsense", "-1", "00", " ", "1 ", "\xc3\xa9"};
    struct contract *c = *state;
    AUTO_RECORD old = {0};
    AUTO_RECORD now = {0};
    AUTO_RECORD after = {.version = "7"};

    assert_err(contract_put(&c->store, "global/a", "one", NULL, &old), STORE_OK);
    assert_err(contract_put(&c->store, "global/a", "two", NULL, &now), STORE_OK);
    assert_err(contract_put(&c->store, "global/a", "three", old.version, &after), STORE_CONFLICT);
    assert_string_equal(after.version, "");
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        if (strcmp(wrong[i], now.version) != 0)
            assert_err(contract_put(&c->store, "global/a", "three", wrong[i], NULL),
                       STORE_CONFLICT);
    assert_err(contract_get(&c->store, "global/a", &after), STORE_OK);
    assert_true(store_secret_equal(&after.value, "two", 3));
    assert_string_equal(after.version, now.version);
    assert_int_equal(after.updated_ns, now.updated_ns);
}

static void a_version_of_an_absent_secret_changes_nothing(void **state)
{
    struct contract *c = *state;
    AUTO_RECORD old = {0};

    assert_err(contract_put(&c->store, "global/never", "value", "nonsense", NULL), STORE_CONFLICT);
    contract_expect(&c->store, "global/never", NULL);
    assert_err(contract_put(&c->store, "global/a", "value", NULL, &old), STORE_OK);
    assert_err(c->store.backend->remove(c->store.ctx, "global/a", NULL), STORE_OK);
    assert_err(contract_put(&c->store, "global/a", "value", old.version, NULL), STORE_CONFLICT);
    contract_expect(&c->store, "global/a", NULL);
    contract_expect_keys(&c->store, "", (const char *const[]){NULL});
}

static void any_version_means_that_there_is_something(void **state)
{
    struct contract *c = *state;
    AUTO_RECORD first = {0};
    AUTO_RECORD now = {.version = "7"};

    assert_err(contract_put(&c->store, "global/a", "lost", STORE_VERSION_ANY, &now),
               STORE_NOT_FOUND);
    assert_string_equal(now.version, "");
    contract_expect(&c->store, "global/a", NULL);
    assert_err(contract_put(&c->store, "global/a", "one", NULL, &first), STORE_OK);
    assert_err(contract_put(&c->store, "global/a", "two", STORE_VERSION_ANY, &now), STORE_OK);
    assert_string_not_equal(now.version, first.version);
    assert_int_equal(now.created_ns, first.created_ns);
    contract_expect(&c->store, "global/a", "two");
    assert_err(c->store.backend->remove(c->store.ctx, "global/a", NULL), STORE_OK);
    assert_err(contract_put(&c->store, "global/a", "lost", STORE_VERSION_ANY, NULL),
               STORE_NOT_FOUND);
    contract_expect_keys(&c->store, "", (const char *const[]){NULL});
}

static void remove_compares_too(void **state)
{
    struct contract *c = *state;
    AUTO_RECORD old = {0};
    AUTO_RECORD now = {0};

    assert_err(contract_put(&c->store, "global/a", "one", NULL, &old), STORE_OK);
    assert_err(contract_put(&c->store, "global/a", "two", NULL, &now), STORE_OK);
    assert_err(c->store.backend->remove(c->store.ctx, "global/a", old.version), STORE_CONFLICT);
    assert_err(c->store.backend->remove(c->store.ctx, "global/a", "nonsense"), STORE_CONFLICT);
    contract_expect(&c->store, "global/a", "two");
    assert_err(c->store.backend->remove(c->store.ctx, "global/a", now.version), STORE_OK);
    contract_expect(&c->store, "global/a", NULL);
    assert_err(c->store.backend->remove(c->store.ctx, "global/a", now.version), STORE_NOT_FOUND);
}

static void a_secret_made_again_is_not_at_its_old_version(void **state)
{
    struct contract *c = *state;
    AUTO_RECORD old = {0};
    AUTO_RECORD now = {0};

    if (c->harness->versions_recur)
        skip();
    assert_err(contract_put(&c->store, "global/a", "value", NULL, &old), STORE_OK);
    assert_err(c->store.backend->remove(c->store.ctx, "global/a", NULL), STORE_OK);
    assert_err(contract_put(&c->store, "global/a", "value", NULL, &now), STORE_OK);
    assert_string_not_equal(now.version, old.version);
    assert_err(contract_put(&c->store, "global/a", "lost", old.version, NULL), STORE_CONFLICT);
}

static void a_version_is_that_of_one_secret(void **state)
{
    struct contract *c = *state;
    AUTO_RECORD a = {0};
    AUTO_RECORD found = {0};

    assert_err(contract_put(&c->store, "global/a", "one", NULL, &a), STORE_OK);
    assert_err(contract_put(&c->store, "global/b", "two", NULL, NULL), STORE_OK);
    assert_err(contract_put(&c->store, "global/b", "three", NULL, NULL), STORE_OK);
    assert_err(contract_get(&c->store, "global/a", &found), STORE_OK);
    assert_string_equal(found.version, a.version);
    assert_err(contract_put(&c->store, "global/a", "four", a.version, NULL), STORE_OK);
}

void contract_compare_cases(struct contract_list *list)
{
    CONTRACT_ADD(list, every_write_gives_another_version);
    CONTRACT_ADD(list, version_0_means_that_there_is_nothing);
    CONTRACT_ADD(list, the_current_version_lets_a_write_through);
    CONTRACT_ADD(list, another_version_changes_nothing);
    CONTRACT_ADD(list, a_version_of_an_absent_secret_changes_nothing);
    CONTRACT_ADD(list, any_version_means_that_there_is_something);
    CONTRACT_ADD(list, remove_compares_too);
    CONTRACT_ADD(list, a_secret_made_again_is_not_at_its_old_version);
    CONTRACT_ADD(list, a_version_is_that_of_one_secret);
}
