/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/contract/contract.h"

#include <string.h>

#include "store/time.h"

static void a_key_without_a_write_is_not_found(void **state)
{
    struct contract *c = *state;

    contract_expect(&c->store, "global/never", NULL);
    contract_expect(&c->store, "org/acme/never", NULL);
    assert_err(c->store.backend->remove(c->store.ctx, "global/never", NULL), STORE_NOT_FOUND);
}

static void a_written_value_is_read(void **state)
{
    struct contract *c = *state;
    AUTO_RECORD written = {0};
    AUTO_RECORD found = {0};

    assert_err(contract_put(&c->store, "global/a", "value", NULL, &written), STORE_OK);
    assert_err(contract_get(&c->store, "global/a", &found), STORE_OK);
    assert_true(store_secret_equal(&found.value, "value", 5));
    assert_int_equal(written.value.len, 0);
    assert_string_equal(written.version, found.version);
    assert_int_equal(written.created_ns, found.created_ns);
    assert_int_equal(written.updated_ns, found.updated_ns);
    assert_false(found.stale);
    assert_err(contract_put(&c->store, "global/b", "value", NULL, NULL), STORE_OK);
    contract_expect(&c->store, "global/b", "value");
}

static void times_are_when_it_was_written(void **state)
{
    struct contract *c = *state;
    AUTO_RECORD written = {0};
    const int64_t minute = INT64_C(60000000000);

    if (c->harness->no_timestamps)
        skip();
    assert_err(contract_put(&c->store, "global/a", "value", NULL, &written), STORE_OK);
    assert_true(written.created_ns > store_time_now() - 5 * minute);
    assert_true(written.created_ns < store_time_now() + 5 * minute);
    assert_true(written.updated_ns >= written.created_ns);
}

static void replacing_keeps_when_it_was_created(void **state)
{
    struct contract *c = *state;
    AUTO_RECORD first = {0};
    AUTO_RECORD second = {0};
    AUTO_RECORD found = {0};

    assert_err(contract_put(&c->store, "global/a", "one", NULL, &first), STORE_OK);
    assert_err(contract_put(&c->store, "global/a", "another", NULL, &second), STORE_OK);
    assert_err(contract_get(&c->store, "global/a", &found), STORE_OK);
    assert_true(store_secret_equal(&found.value, "another", 7));
    assert_int_equal(second.created_ns, first.created_ns);
    assert_int_equal(found.created_ns, first.created_ns);
    assert_true(found.updated_ns >= first.updated_ns);
    assert_int_equal(found.updated_ns, second.updated_ns);
}

static void replacing_by_the_same_value_is_a_write(void **state)
{
    struct contract *c = *state;
    AUTO_RECORD first = {0};
    AUTO_RECORD second = {0};

    assert_err(contract_put(&c->store, "global/a", "same", NULL, &first), STORE_OK);
    assert_err(contract_put(&c->store, "global/a", "same", NULL, &second), STORE_OK);
    assert_int_equal(second.created_ns, first.created_ns);
    assert_true(second.updated_ns >= first.updated_ns);
    if (!c->harness->no_versions)
        assert_string_not_equal(first.version, second.version);
    contract_expect(&c->store, "global/a", "same");
}

static void one_write_touches_no_other_secret(void **state)
{
    struct contract *c = *state;
    AUTO_RECORD before = {0};
    AUTO_RECORD after = {0};

    assert_err(contract_put(&c->store, "org/acme/a", "mine", NULL, NULL), STORE_OK);
    assert_err(contract_get(&c->store, "org/acme/a", &before), STORE_OK);
    assert_err(contract_put(&c->store, "org/acme/b", "other", NULL, NULL), STORE_OK);
    assert_err(c->store.backend->remove(c->store.ctx, "org/acme/b", NULL), STORE_OK);
    assert_err(contract_get(&c->store, "org/acme/a", &after), STORE_OK);
    assert_true(store_secret_equal(&after.value, "mine", 4));
    assert_string_equal(before.version, after.version);
    assert_int_equal(before.updated_ns, after.updated_ns);
}

static void a_removed_secret_is_gone(void **state)
{
    struct contract *c = *state;

    assert_err(contract_put(&c->store, "global/a", "value", NULL, NULL), STORE_OK);
    assert_err(c->store.backend->remove(c->store.ctx, "global/a", NULL), STORE_OK);
    contract_expect(&c->store, "global/a", NULL);
    assert_err(c->store.backend->remove(c->store.ctx, "global/a", NULL), STORE_NOT_FOUND);
    contract_expect_keys(&c->store, "", (const char *const[]){NULL});
    assert_err(contract_put(&c->store, "global/a", "again", NULL, NULL), STORE_OK);
    contract_expect(&c->store, "global/a", "again");
}

static void out_is_empty_after_an_error(void **state)
{
    struct contract *c = *state;
    AUTO_RECORD out = {.created_ns = 1, .updated_ns = 2, .version = "3", .stale = true};

    assert_err(store_secret_set(&out.value, "older", 5), STORE_OK);
    assert_err(contract_get(&c->store, "global/never", &out), STORE_NOT_FOUND);
    assert_null(out.value.data);
    assert_int_equal(out.created_ns, 0);
    assert_int_equal(out.updated_ns, 0);
    assert_string_equal(out.version, "");
    assert_false(out.stale);
}

static void out_may_hold_an_older_record(void **state)
{
    struct contract *c = *state;
    AUTO_RECORD out = {0};

    assert_err(contract_put(&c->store, "global/a", "one", NULL, NULL), STORE_OK);
    assert_err(contract_put(&c->store, "global/b", "two", NULL, NULL), STORE_OK);
    assert_err(contract_get(&c->store, "global/a", &out), STORE_OK);
    assert_err(contract_get(&c->store, "global/b", &out), STORE_OK);
    assert_true(store_secret_equal(&out.value, "two", 3));
    assert_err(contract_put(&c->store, "global/b", "three", NULL, &out), STORE_OK);
    assert_int_equal(out.value.len, 0);
}

/* The caller may wipe and reuse its value as soon as write has returned, and a record that was
 * read stays as it was after any change of the secret. */
static void the_store_owns_a_value_that_it_got(void **state)
{
    struct contract *c = *state;
    struct store_secret value = {0};
    AUTO_RECORD found = {0};
    unsigned char *bytes;

    assert_err(store_secret_set(&value, "value", 5), STORE_OK);
    assert_err(c->store.backend->write(c->store.ctx, "global/a", &value, NULL, NULL), STORE_OK);
    assert_err(store_secret_resize(&value, 5, &bytes), STORE_OK);
    memset(bytes, 'x', 5);
    store_secret_wipe(&value);
    assert_err(contract_get(&c->store, "global/a", &found), STORE_OK);
    assert_err(contract_put(&c->store, "global/a", "other", NULL, NULL), STORE_OK);
    assert_err(c->store.backend->remove(c->store.ctx, "global/a", NULL), STORE_OK);
    assert_true(store_secret_equal(&found.value, "value", 5));
}

void contract_write_cases(struct contract_list *list)
{
    CONTRACT_ADD(list, a_key_without_a_write_is_not_found);
    CONTRACT_ADD(list, a_written_value_is_read);
    CONTRACT_ADD(list, times_are_when_it_was_written);
    CONTRACT_ADD(list, replacing_keeps_when_it_was_created);
    CONTRACT_ADD(list, replacing_by_the_same_value_is_a_write);
    CONTRACT_ADD(list, one_write_touches_no_other_secret);
    CONTRACT_ADD(list, a_removed_secret_is_gone);
    CONTRACT_ADD(list, out_is_empty_after_an_error);
    CONTRACT_ADD(list, out_may_hold_an_older_record);
    CONTRACT_ADD(list, the_store_owns_a_value_that_it_got);
}
