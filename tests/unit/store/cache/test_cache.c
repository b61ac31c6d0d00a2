/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/store/cache/cache_fixture.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/log.h"

#define THREADS 100

static void a_value_is_read_once_for_its_time(void **state)
{
    (void)state;
    expect("1");
    atomic_store(&scripted.value, 2);
    atomic_fetch_add(&clock_ns, 49 * S);
    expect("1");
    assert_int_equal(atomic_load(&scripted.reads), 1);
    atomic_fetch_add(&clock_ns, 51 * S);
    expect("2");
    assert_int_equal(atomic_load(&scripted.reads), 2);
}

static void *read_one(void *arg)
{
    (void)arg;
    expect("1");
    return NULL;
}

static void a_value_that_is_about_due_is_refreshed_by_one_while_others_are_served(void **state)
{
    pthread_t refresher;

    (void)state;
    expect("1");
    atomic_fetch_add(&clock_ns, 95 * S);
    atomic_store(&scripted.hold, true);
    pthread_create(&refresher, NULL, read_one, NULL);
    scripted_wait_held(1);
    atomic_store(&scripted.value, 2); /* too late for the one that is held */
    for (int i = 0; i < 10; i++)
        expect("1");
    assert_int_equal(atomic_load(&scripted.reads), 2);
    scripted_release();
    pthread_join(refresher, NULL);
    atomic_fetch_add(&clock_ns, 45 * S); /* past the first value's time */
    expect("1");
    assert_int_equal(atomic_load(&scripted.reads), 2);
}

static void a_hundred_threads_make_one_request(void **state)
{
    pthread_t threads[THREADS];

    (void)state;
    atomic_store(&scripted.hold, true);
    pthread_create(&threads[0], NULL, read_one, NULL);
    scripted_wait_held(1);
    for (int i = 1; i < THREADS; i++)
        pthread_create(&threads[i], NULL, read_one, NULL);
    scripted_release();
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(atomic_load(&scripted.reads), 1);
}

static void absence_is_remembered_for_five_seconds(void **state)
{
    (void)state;
    atomic_store(&scripted.err, STORE_NOT_FOUND);
    expect_of("global/a", STORE_NOT_FOUND, "", false);
    atomic_fetch_add(&clock_ns, 4 * S);
    expect_of("global/a", STORE_NOT_FOUND, "", false);
    assert_int_equal(atomic_load(&scripted.reads), 1);
    atomic_store(&scripted.err, STORE_OK);
    atomic_fetch_add(&clock_ns, 1 * S);
    expect("1");
}

static void a_refusal_drops_the_old_value(void **state)
{
    static const enum store_err errors[] = {STORE_DENIED, STORE_AUTH, STORE_LOCKED, STORE_CORRUPT,
                                            STORE_NO_VALUE};

    (void)state;
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        atomic_store(&scripted.err, STORE_OK);
        atomic_fetch_add(&clock_ns, 1 * S); /* for the test after the last outage */
        expect("1");
        atomic_fetch_add(&clock_ns, 100 * S);
        atomic_store(&scripted.err, errors[i]);
        expect_of("global/a", errors[i], "", false);
        atomic_fetch_add(&clock_ns, 5 * S);
        atomic_store(&scripted.err, STORE_UNAVAILABLE); /* nothing is left to serve */
        expect_of("global/a", STORE_UNAVAILABLE, "", false);
    }
}

static void refuse(enum store_err err)
{
    int before = atomic_load(&scripted.reads);

    atomic_store(&scripted.err, err);
    for (int i = 0; i < 20; i++)
        expect_of("global/a", err, "", false);
    assert_int_equal(atomic_load(&scripted.reads), before + 1);
    atomic_store(&scripted.err, STORE_OK);
    expect_of("global/a", err, "", false);
}

static void a_refusal_is_remembered_for_five_seconds(void **state)
{
    static const enum store_err errors[] = {STORE_DENIED, STORE_CORRUPT, STORE_NO_VALUE,
                                            STORE_TOO_BIG};

    (void)state;
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        refuse(errors[i]);
        atomic_fetch_add(&clock_ns, 5 * S);
        expect("1");
        assert_int_equal(store.backend->remove(store.ctx, "global/a", NULL), STORE_OK);
    }
}

static void a_refusal_is_forgotten_by_a_write_a_login_and_a_logout(void **state)
{
    const struct store_secret none = {0};

    (void)state;
    refuse(STORE_DENIED);
    assert_int_equal(put_value("7"), STORE_OK);
    expect("7");
    store.backend->logout(store.ctx);
    refuse(STORE_DENIED);
    store.backend->logout(store.ctx);
    expect("7");
    store.backend->logout(store.ctx);
    refuse(STORE_DENIED);
    assert_int_equal(store.backend->login(store.ctx, &none), STORE_OK);
    expect("7");
}

static void a_write_is_seen_at_once(void **state)
{
    (void)state;
    expect("1");
    assert_int_equal(put_value("7"), STORE_OK);
    expect("7");
    assert_int_equal(atomic_load(&scripted.reads), 1);
}

static void a_remove_is_seen_at_once(void **state)
{
    (void)state;
    expect("1");
    assert_int_equal(store.backend->remove(store.ctx, "global/a", NULL), STORE_OK);
    atomic_store(&scripted.err, STORE_NOT_FOUND);
    expect_of("global/a", STORE_NOT_FOUND, "", false);
}

static void a_slow_read_brings_no_old_value_back(void **state)
{
    pthread_t slow;

    (void)state;
    atomic_store(&scripted.hold, true);
    pthread_create(&slow, NULL, read_one, NULL);
    scripted_wait_held(1); /* it has the old value */
    atomic_store(&scripted.hold, false);
    assert_int_equal(put_value("7"), STORE_OK);
    expect("7");
    scripted_release();
    pthread_join(slow, NULL);
    expect("7");
}

static void a_read_after_a_write_does_not_join_one_from_before_it(void **state)
{
    pthread_t slow;

    (void)state;
    atomic_store(&scripted.hold, true);
    pthread_create(&slow, NULL, read_one, NULL);
    scripted_wait_held(1);
    atomic_store(&scripted.hold, false);
    assert_int_equal(store.backend->remove(store.ctx, "global/a", NULL), STORE_OK);
    atomic_store(&scripted.value, 9);
    expect("9");
    scripted_release();
    pthread_join(slow, NULL);
    expect("9");
}

static void a_failed_write_leaves_no_doubtful_value(void **state)
{
    (void)state;
    expect("1");
    atomic_store(&scripted.err, STORE_TIMEOUT);
    assert_int_equal(put_value("7"), STORE_TIMEOUT);
    atomic_store(&scripted.err, STORE_OK);
    atomic_store(&scripted.value, 7); /* it was done after all */
    expect("7");
}

/* docs/cache.md: an outage never removes a value that may still be served. */
static void a_refused_change_keeps_the_value(void **state)
{
    static const enum store_err refusals[] = {STORE_TOO_BIG, STORE_BAD_KEY, STORE_READ_ONLY};

    (void)state;
    expect("1");
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        atomic_store(&scripted.err, refusals[i]);
        assert_int_equal(put_value("7"), refusals[i]);
        assert_int_equal(store.backend->remove(store.ctx, "global/a", NULL), refusals[i]);
        atomic_store(&scripted.err, STORE_TIMEOUT);
        expect("1");
    }
}

static void the_longest_unused_goes_first(void **state)
{
    char key[32];

    (void)state;
    for (int i = 0; i < 10; i++) {
        snprintf(key, sizeof key, "global/k%d", i);
        expect_of(key, STORE_OK, "1", false);
    }
    expect_of("global/k0", STORE_OK, "1", false);
    expect_of("global/new", STORE_OK, "1", false);
    assert_int_equal(keys_kept(), 10);
    assert_int_equal(atomic_load(&scripted.reads), 11);
    expect_of("global/k0", STORE_OK, "1", false);
    assert_int_equal(atomic_load(&scripted.reads), 11);
    expect_of("global/k1", STORE_OK, "1", false);
    assert_int_equal(atomic_load(&scripted.reads), 12);
}

static void a_bulk_read_asks_only_for_missing_values(void **state)
{
    static const char *const keys[] = {"global/a", "global/b", "global/c"};
    int count = 0;

    (void)state;
    expect("1");
    assert_int_equal(store.backend->read_many(store.ctx, keys, 3, count_ok, &count), STORE_OK);
    assert_int_equal(count, 3);
    assert_int_equal(atomic_load(&scripted.bulk_keys), 2);
    assert_int_equal(store.backend->read_many(store.ctx, keys, 3, count_ok, &count), STORE_OK);
    assert_int_equal(atomic_load(&scripted.bulk_reads), 1);
    atomic_fetch_add(&clock_ns, 100 * S);
    atomic_store(&scripted.err, STORE_UNAVAILABLE);
    count = 0;
    assert_int_equal(store.backend->read_many(store.ctx, keys, 3, count_ok, &count), STORE_OK);
    assert_int_equal(count, 3);
}

static void a_bulk_read_that_is_refused_is_not_tried_again_for_five_seconds(void **state)
{
    static const char *const keys[] = {"global/a", "global/b"};
    int count = 0;

    (void)state;
    atomic_store(&scripted.bulk_err, STORE_DENIED);
    for (int i = 0; i < 10; i++)
        assert_int_equal(store.backend->read_many(store.ctx, keys, 2, count_ok, &count),
                         STORE_DENIED);
    assert_int_equal(atomic_load(&scripted.bulk_reads), 1);
    expect("1"); /* by itself it may be read */
    atomic_store(&scripted.bulk_err, STORE_OK);
    atomic_fetch_add(&clock_ns, 5 * S);
    assert_int_equal(store.backend->read_many(store.ctx, keys, 2, count_ok, &count), STORE_OK);
    assert_int_equal(atomic_load(&scripted.bulk_reads), 2);
}

static void a_listing_fills_the_cache(void **state)
{
    int count = 0;

    (void)state;
    assert_int_equal(store.backend->list(store.ctx, "", NULL, count_ok, &count), STORE_OK);
    assert_int_equal(count, 1);
    expect_of("global/listed", STORE_OK, "1", false);
    assert_int_equal(atomic_load(&scripted.reads), 0);
}

static void logging_out_forgets_everything(void **state)
{
    (void)state;
    expect("1");
    store.backend->logout(store.ctx);
    assert_int_equal(keys_kept(), 0);
    assert_int_equal(atomic_load(&scripted.logouts), 1);
    expect("1");
    assert_int_equal(atomic_load(&scripted.reads), 2);
}

static void a_value_read_during_a_logout_is_not_kept(void **state)
{
    pthread_t slow;

    (void)state;
    atomic_store(&scripted.hold, true);
    pthread_create(&slow, NULL, read_one, NULL);
    scripted_wait_held(1);
    store.backend->logout(store.ctx);
    scripted_release();
    pthread_join(slow, NULL);
    assert_int_equal(keys_kept(), 0);
}

static void without_a_time_there_is_no_cache(void **state)
{
    struct store bare;

    (void)state;
    cache_put("cache.ttl_s", "0");
    scripted_open(&bare);
    assert_int_equal(cache_wrap(&bare, store_conf_at(cache_set, 0)), STORE_OK);
    assert_ptr_equal(bare.backend, &scripted_backend);
    bare.backend->close(bare.ctx);
}

/* Each thread's own key rises; no read may ever give less than was written before. */
static void *rise(void *arg)
{
    char key[32];
    char text[16];

    snprintf(key, sizeof key, "global/t%d", *(int *)arg);
    for (int i = 0; i < 2000; i++) {
        AUTO_RECORD record = {0};
        AUTO_SECRET secret = {0};
        snprintf(text, sizeof text, "%d", i);
        if (i % 3 == 0) {
            if (store_secret_set(&secret, text, strlen(text)) != STORE_OK ||
                store.backend->write(store.ctx, key, &secret, NULL, NULL) != STORE_OK)
                abort();
        } else if (store.backend->read(store.ctx, key, &record) != STORE_OK) {
            abort();
        }
        if (i % 97 == 0)
            store.backend->logout(store.ctx);
    }
    return NULL;
}

static void threads_may_do_everything_at_once(void **state)
{
    pthread_t threads[8];
    int numbers[8];

    (void)state;
    for (int i = 0; i < 8; i++) {
        numbers[i] = i % 4;
        pthread_create(&threads[i], NULL, rise, &numbers[i]);
    }
    for (int i = 0; i < 8; i++)
        pthread_join(threads[i], NULL);
    assert_true(keys_kept() <= 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_value_is_read_once_for_its_time),
        CASE(a_value_that_is_about_due_is_refreshed_by_one_while_others_are_served),
        CASE(a_hundred_threads_make_one_request),
        CASE(absence_is_remembered_for_five_seconds),
        CASE(a_refusal_drops_the_old_value),
        CASE(a_refusal_is_remembered_for_five_seconds),
        CASE(a_refusal_is_forgotten_by_a_write_a_login_and_a_logout),
        CASE(a_bulk_read_that_is_refused_is_not_tried_again_for_five_seconds),
        CASE(a_write_is_seen_at_once),
        CASE(a_remove_is_seen_at_once),
        CASE(a_slow_read_brings_no_old_value_back),
        CASE(a_read_after_a_write_does_not_join_one_from_before_it),
        CASE(a_failed_write_leaves_no_doubtful_value),
        CASE(a_refused_change_keeps_the_value),
        CASE(the_longest_unused_goes_first),
        CASE(a_bulk_read_asks_only_for_missing_values),
        CASE(a_listing_fills_the_cache),
        CASE(logging_out_forgets_everything),
        CASE(a_value_read_during_a_logout_is_not_kept),
        CASE(without_a_time_there_is_no_cache),
        CASE(threads_may_do_everything_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
