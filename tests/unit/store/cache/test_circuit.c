/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/store/cache/cache_fixture.h"

/* A store that does not answer, and the cache in front of it. */

static void an_outage_serves_old_values_for_a_while_and_is_logged_once(void **state)
{
    (void)state;
    expect("1");
    atomic_fetch_add(&clock_ns, 100 * S);
    atomic_store(&scripted.err, STORE_UNAVAILABLE);
    for (int i = 0; i < 5; i++)
        expect_of("global/a", STORE_OK, "1", true);
    assert_int_equal(atomic_load(&scripted.reads), 2); /* the store is left alone meanwhile */
    assert_int_equal(atomic_load(&scripted.probes), 1);
    assert_int_equal(atomic_load(&lines), 1);
    atomic_fetch_add(&clock_ns, 6 * S);
    for (int i = 0; i < 5; i++)
        expect_of("global/a", STORE_OK, "1", true);
    assert_int_equal(atomic_load(&scripted.reads), 2);
    assert_int_equal(atomic_load(&scripted.probes), 2);
    atomic_fetch_add(&clock_ns, 1000 * S);
    expect_of("global/a", STORE_UNAVAILABLE, "", false);
    assert_int_equal(atomic_load(&lines), 1);
    atomic_store(&scripted.err, STORE_OK);
    atomic_fetch_add(&clock_ns, 1 * S);
    expect("1");
    assert_int_equal(atomic_load(&lines), 2);
}

static enum store_err list_once(void)
{
    return store.backend->list(store.ctx, "", NULL, count_ok, &(int){0});
}

static void while_a_test_runs_calls_do_not_wait_for_the_store(void **state)
{
    (void)state;
    expect("1");
    atomic_fetch_add(&clock_ns, 100 * S);
    atomic_store(&scripted.err, STORE_TIMEOUT);
    atomic_store(&scripted.probe_hold, true);
    for (int i = 0; i < 100; i++) {
        expect_of("global/a", STORE_OK, "1", true);
        expect_of("global/b", STORE_TIMEOUT, "", false);
        assert_int_equal(list_once(), STORE_TIMEOUT);
        atomic_fetch_add(&clock_ns, 1 * S);
    }
    assert_int_equal(atomic_load(&scripted.reads), 2);
    assert_int_equal(atomic_load(&scripted.lists), 0);
    assert_int_equal(put_value("3"), STORE_TIMEOUT); /* a write is always tried */
    assert_int_equal(atomic_load(&scripted.writes), 1);
    atomic_store(&scripted.err, STORE_OK);
    expect_of("global/a", STORE_OK, "1", true); /* not known yet */
    atomic_store(&scripted.probe_hold, false);
    expect("1");
    expect_of("global/b", STORE_OK, "1", false);
    assert_int_equal(list_once(), STORE_OK);
}

static void a_write_that_is_answered_ends_the_outage(void **state)
{
    (void)state;
    atomic_store(&scripted.err, STORE_TIMEOUT);
    atomic_store(&scripted.probe_hold, true);
    expect_of("global/b", STORE_TIMEOUT, "", false);
    atomic_store(&scripted.err, STORE_OK);
    expect_of("global/b", STORE_TIMEOUT, "", false);
    assert_int_equal(put_value("4"), STORE_OK);
    expect_of("global/b", STORE_OK, "4", false);
}

static void a_store_that_passes_tests_and_times_out_is_tried_ever_less(void **state)
{
    (void)state;
    atomic_store(&scripted.err, STORE_TIMEOUT);
    atomic_store(&scripted.probe_well, true);
    for (int i = 0; i < 1000; i++) {
        expect_of("global/b", STORE_TIMEOUT, "", false);
        atomic_fetch_add(&clock_ns, 1 * S);
    }
    assert_in_range(atomic_load(&scripted.reads), 10, 30);
    atomic_store(&scripted.err, STORE_OK);
    atomic_fetch_add(&clock_ns, 60 * S);
    expect_of("global/b", STORE_OK, "1", false);
}

static void a_refresh_that_fails_costs_nothing_before_the_time_is_up(void **state)
{
    (void)state;
    expect("1");
    atomic_fetch_add(&clock_ns, 95 * S);
    atomic_store(&scripted.err, STORE_TIMEOUT);
    expect("1");
    expect("1");
    assert_int_equal(atomic_load(&scripted.reads), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(an_outage_serves_old_values_for_a_while_and_is_logged_once),
        CASE(while_a_test_runs_calls_do_not_wait_for_the_store),
        CASE(a_write_that_is_answered_ends_the_outage),
        CASE(a_store_that_passes_tests_and_times_out_is_tried_ever_less),
        CASE(a_refresh_that_fails_costs_nothing_before_the_time_is_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
