/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/contract/contract.h"

#include <stdio.h>
#include <string.h>

/* The versions that a store keeps. A store without them answers UNSUPPORTED, or lacks the
 * functions. */

static enum store_err versions_of(const struct contract *c, const char *key,
                                  struct store_versions *out)
{
    store_versions_clear(out);
    return c->store.backend->versions(c->store.ctx, key, out);
}

/* Skips the test if the store keeps no versions. */
static void need_versions(const struct contract *c)
{
    AUTO_VERSIONS versions = {0};

    if (c->store.backend->versions == NULL)
        skip();
    if (versions_of(c, "global/never", &versions) == STORE_UNSUPPORTED)
        skip();
}

static void put(const struct contract *c, const char *key, const char *value,
                char version[STORE_VERSION_SIZE])
{
    AUTO_RECORD record = {0};

    assert_err(contract_put(&c->store, key, value, NULL, &record), STORE_OK);
    memcpy(version, record.version, STORE_VERSION_SIZE);
}

static void expect_version(const struct contract *c, const char *key, const char *id,
                           const char *value)
{
    AUTO_RECORD record = {0};
    enum store_err err = c->store.backend->read_version(c->store.ctx, key, id, &record);

    if (value == NULL) {
        assert_err(err, STORE_NOT_FOUND);
        assert_null(record.value.data);
        return;
    }
    assert_err(err, STORE_OK);
    assert_true(store_secret_equal(&record.value, value, strlen(value)));
    assert_string_equal(record.version, id);
}

static enum store_version_state state_of(const struct contract *c, const char *key, const char *id)
{
    AUTO_VERSIONS versions = {0};
    const struct store_version *version;

    assert_err(versions_of(c, key, &versions), STORE_OK);
    version = store_versions_find(&versions, id);
    assert_non_null(version);
    return version->state;
}

static void a_key_without_a_write_has_no_versions(void **state)
{
    struct contract *c = *state;
    AUTO_VERSIONS versions = {0};

    need_versions(c);
    assert_err(versions_of(c, "global/never", &versions), STORE_NOT_FOUND);
    assert_int_equal(versions.count, 0);
    expect_version(c, "global/never", "1", NULL);
    assert_err(c->store.backend->retire(c->store.ctx, "global/never"), STORE_NOT_FOUND);
    assert_err(c->store.backend->restore(c->store.ctx, "global/never", "1"), STORE_NOT_FOUND);
    assert_err(c->store.backend->destroy(c->store.ctx, "global/never"), STORE_NOT_FOUND);
}

static void replaced_values_are_old_versions(void **state)
{
    struct contract *c = *state;
    AUTO_VERSIONS versions = {0};
    char ids[3][STORE_VERSION_SIZE];

    need_versions(c);
    put(c, "org/acme/a b", "one", ids[0]);
    put(c, "org/acme/a b", "two", ids[1]);
    put(c, "org/acme/a b", "three", ids[2]);
    assert_err(versions_of(c, "org/acme/a b", &versions), STORE_OK);
    assert_int_equal(versions.count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(versions.all[i].id, ids[2 - i]);
        assert_int_equal(versions.all[i].number, 3 - i);
        assert_int_equal(versions.all[i].state, i == 0 ? STORE_VERSION_CURRENT : STORE_VERSION_OLD);
        assert_int_equal(versions.all[i].until_ns, 0);
        assert_true(c->harness->no_timestamps || versions.all[i].created_ns > 0);
    }
    expect_version(c, "org/acme/a b", ids[0], "one");
    expect_version(c, "org/acme/a b", ids[1], "two");
    expect_version(c, "org/acme/a b", ids[2], "three");
    contract_expect(&c->store, "org/acme/a b", "three"); /* a cache keeps them apart */
    assert_err(c->store.backend->restore(c->store.ctx, "org/acme/a b", ids[0]), STORE_OK);
    contract_expect(&c->store, "org/acme/a b", "three");
}

static void unknown_versions_are_not_found(void **state)
{
    static const char *const ids[] = {"",   "0",     "-1", "99999999999999999999999",
                                      "1a", "../x?", "77", "00000000-0000-0000-0000-000000000000"};
    struct contract *c = *state;
    char id[STORE_VERSION_SIZE];

    need_versions(c);
    put(c, "global/a", "one", id);
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        expect_version(c, "global/a", ids[i], NULL);
        assert_err(c->store.backend->restore(c->store.ctx, "global/a", ids[i]), STORE_NOT_FOUND);
    }
    contract_expect(&c->store, "global/a", "one");
}

static void a_retired_secret_is_gone_until_it_is_restored(void **state)
{
    struct contract *c = *state;
    char ids[2][STORE_VERSION_SIZE];
    AUTO_RECORD record = {0};

    need_versions(c);
    put(c, "global/a", "one", ids[0]);
    put(c, "global/a", "two", ids[1]);
    contract_expect(&c->store, "global/a", "two");
    assert_err(c->store.backend->retire(c->store.ctx, "global/a"), STORE_OK);
    contract_expect(&c->store, "global/a", NULL);
    expect_version(c, "global/a", ids[1], NULL);
    assert_int_equal(state_of(c, "global/a", ids[1]), STORE_VERSION_DELETED);
    assert_err(c->store.backend->retire(c->store.ctx, "global/a"), STORE_NOT_FOUND);
    assert_err(c->store.backend->remove(c->store.ctx, "global/a", NULL), STORE_NOT_FOUND);

    assert_err(c->store.backend->restore(c->store.ctx, "global/a", ids[1]), STORE_OK);
    assert_int_equal(state_of(c, "global/a", ids[1]), STORE_VERSION_CURRENT);
    assert_err(contract_get(&c->store, "global/a", &record), STORE_OK);
    assert_true(store_secret_equal(&record.value, "two", 3));
    assert_string_equal(record.version, ids[1]);
    expect_version(c, "global/a", ids[0], "one");
}

static void an_old_value_is_written_back_by_compare_and_set(void **state)
{
    struct contract *c = *state;
    char ids[3][STORE_VERSION_SIZE];
    AUTO_RECORD old = {0};

    need_versions(c);
    put(c, "global/a", "one", ids[0]);
    put(c, "global/a", "two", ids[1]);
    assert_err(c->store.backend->read_version(c->store.ctx, "global/a", ids[0], &old), STORE_OK);
    assert_err(c->store.backend->write(c->store.ctx, "global/a", &old.value, ids[0], NULL),
               STORE_CONFLICT);
    assert_err(c->store.backend->write(c->store.ctx, "global/a", &old.value, ids[1], NULL),
               STORE_OK);
    contract_expect(&c->store, "global/a", "one");
    assert_int_equal(state_of(c, "global/a", ids[1]), STORE_VERSION_OLD);
}

static void a_destroyed_secret_has_no_versions(void **state)
{
    struct contract *c = *state;
    AUTO_VERSIONS versions = {0};
    char ids[2][STORE_VERSION_SIZE];

    need_versions(c);
    put(c, "global/a", "one", ids[0]);
    put(c, "global/a", "two", ids[1]);
    put(c, "global/b", "other", ids[1]);
    contract_expect(&c->store, "global/a", "two");
    assert_err(c->store.backend->destroy(c->store.ctx, "global/a"), STORE_OK);
    contract_expect(&c->store, "global/a", NULL);
    assert_err(versions_of(c, "global/a", &versions), STORE_NOT_FOUND);
    expect_version(c, "global/a", ids[0], NULL);
    assert_err(c->store.backend->restore(c->store.ctx, "global/a", ids[0]), STORE_NOT_FOUND);
    contract_expect(&c->store, "global/b", "other");
}

void contract_version_cases(struct contract_list *list)
{
    CONTRACT_ADD(list, a_key_without_a_write_has_no_versions);
    CONTRACT_ADD(list, replaced_values_are_old_versions);
    CONTRACT_ADD(list, unknown_versions_are_not_found);
    CONTRACT_ADD(list, a_retired_secret_is_gone_until_it_is_restored);
    CONTRACT_ADD(list, an_old_value_is_written_back_by_compare_and_set);
    CONTRACT_ADD(list, a_destroyed_secret_has_no_versions);
}
