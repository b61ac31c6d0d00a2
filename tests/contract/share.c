/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/contract/contract.h"

/* Two contexts on one store, and one store over time. */

static void a_change_is_seen_through_another_ctx(void **state)
{
    struct contract *c = *state;
    struct store other = contract_open(c);

    assert_err(contract_put(&c->store, "global/a", "one", NULL, NULL), STORE_OK);
    contract_expect(&other, "global/a", "one");
    assert_err(contract_put(&other, "global/a", "two", NULL, NULL), STORE_OK);
    contract_expect(&c->store, "global/a", "two");
    contract_expect_keys(&c->store, "", (const char *const[]){"global/a", NULL});
    assert_err(other.backend->remove(other.ctx, "global/a", NULL), STORE_OK);
    contract_expect(&c->store, "global/a", NULL);
    contract_expect_keys(&c->store, "", (const char *const[]){NULL});
    contract_expect_keys(&other, "", (const char *const[]){NULL});
    store_close(&other);
}

/* Two writes of equal length within one clock tick must not hide from a reader. */
static void quick_changes_of_the_same_size_are_all_seen(void **state)
{
    struct contract *c = *state;
    struct store other = contract_open(c);
    char value[] = "value 00";

    for (int i = 0; i < 100; i++) {
        value[6] = (char)('0' + i / 10);
        value[7] = (char)('0' + i % 10);
        assert_err(contract_put(&c->store, "global/a", value, NULL, NULL), STORE_OK);
        contract_expect(&other, "global/a", value);
    }
    store_close(&other);
}

static void a_generation_hides_no_change_by_another_ctx(void **state)
{
    struct contract *c = *state;
    struct store other = contract_open(c);
    struct contract_listing listing;
    uint64_t generation = 0;

    assert_err(contract_put(&c->store, "global/a", "one", NULL, NULL), STORE_OK);
    assert_err(contract_list(&c->store, "", &generation, &listing), STORE_OK);
    contract_listing_free(&listing);
    assert_err(contract_put(&other, "global/b", "two", NULL, NULL), STORE_OK);
    assert_err(contract_list(&c->store, "", &generation, &listing), STORE_OK);
    assert_int_equal(listing.count, 2);
    contract_listing_free(&listing);
    assert_err(other.backend->remove(other.ctx, "global/a", NULL), STORE_OK);
    assert_err(contract_list(&c->store, "", &generation, &listing), STORE_OK);
    assert_int_equal(listing.count, 1);
    contract_listing_free(&listing);
    store_close(&other);
}

static void compare_and_set_holds_between_two_ctxs(void **state)
{
    struct contract *c = *state;
    struct store other = contract_open(c);
    AUTO_RECORD mine = {0};
    AUTO_RECORD theirs = {0};

    if (c->harness->no_versions)
        skip();
    assert_err(contract_put(&c->store, "global/a", "one", "0", &mine), STORE_OK);
    assert_err(contract_put(&other, "global/a", "lost", "0", NULL), STORE_CONFLICT);
    assert_err(contract_get(&other, "global/a", &theirs), STORE_OK);
    assert_string_equal(theirs.version, mine.version);
    assert_err(contract_put(&other, "global/a", "two", theirs.version, NULL), STORE_OK);
    assert_err(contract_put(&c->store, "global/a", "lost", mine.version, NULL), STORE_CONFLICT);
    assert_err(c->store.backend->remove(c->store.ctx, "global/a", mine.version), STORE_CONFLICT);
    contract_expect(&c->store, "global/a", "two");
    store_close(&other);
}

static void a_written_secret_survives_closing(void **state)
{
    struct contract *c = *state;
    AUTO_RECORD before = {0};
    AUTO_RECORD after = {0};

    assert_err(contract_put(&c->store, "org/acme/a", "kept\n", NULL, NULL), STORE_OK);
    assert_err(contract_put(&c->store, "global/gone", "gone", NULL, NULL), STORE_OK);
    assert_err(c->store.backend->remove(c->store.ctx, "global/gone", NULL), STORE_OK);
    assert_err(contract_get(&c->store, "org/acme/a", &before), STORE_OK);
    store_close(&c->store);
    c->store = contract_open(c);
    assert_err(contract_get(&c->store, "org/acme/a", &after), STORE_OK);
    assert_true(store_secret_equal(&after.value, "kept\n", 5));
    assert_string_equal(after.version, before.version);
    assert_int_equal(after.created_ns, before.created_ns);
    assert_int_equal(after.updated_ns, before.updated_ns);
    contract_expect_keys(&c->store, "", (const char *const[]){"org/acme/a", NULL});
}

void contract_share_cases(struct contract_list *list)
{
    CONTRACT_ADD(list, a_change_is_seen_through_another_ctx);
    CONTRACT_ADD(list, quick_changes_of_the_same_size_are_all_seen);
    CONTRACT_ADD(list, a_generation_hides_no_change_by_another_ctx);
    CONTRACT_ADD(list, compare_and_set_holds_between_two_ctxs);
    CONTRACT_ADD(list, a_written_secret_survives_closing);
}
