/* SPDX-License-Identifier: Apache-2.0 */
#include "module/object/object_index.h"

#include "tests/unit/module/object/object_fixture.h"
#include "tests/fault/short_memory.h"

#include <stdio.h>

#include "store/time.h"

/*
 * The index's count of a shard's secrets in the last listing, which shows a listing that it has
 * nothing to remove. All keys here are of one shard. And the state of the index if memory is short.
 */

/* The key number `n` of one shard. */
static const char *in_shard(int n, char out[32])
{
    const struct object_shard *shard = NULL;

    for (int i = 0;; i++) {
        snprintf(out, 32, "user/u/%d", i);
        if (shard == NULL)
            shard = object_index_at(&table.index, out).shard;
        if (object_index_at(&table.index, out).shard == shard && n-- == 0)
            return out;
    }
}

static CK_OBJECT_HANDLE see(int n, int64_t asked_ns, const struct listing *listing)
{
    char key[32];

    return found_at(in_shard(n, key), NULL, asked_ns, 0, listing);
}

static void a_removed_secret_is_not_counted_any_more(void **state)
{
    struct listing *listing = listing_new("");
    CK_OBJECT_HANDLE unlisted;
    char key[32];

    (void)state;
    see(0, now + 10, listing);
    see(1, now + 10, listing);
    object_remove_key(&table, in_shard(1, key), now + 10);
    unlisted = see(2, now + 10, NULL);
    object_remove_unlisted(&table, listing, now + 20);
    assert_false(object_exists(&table, unlisted));
    listing_drop(listing);
}

static void a_late_answer_of_an_older_listing_does_not_count(void **state)
{
    struct listing *older = listing_new("");
    struct listing *newer = listing_new("");
    CK_OBJECT_HANDLE late;

    (void)state;
    see(0, now + 20, newer);
    late = see(1, now + 10, older);
    object_remove_unlisted(&table, newer, now + 20);
    assert_false(object_exists(&table, late));
    listing_drop(older);
    listing_drop(newer);
}

static void a_newer_listing_counts_anew(void **state)
{
    struct listing *older = listing_new("");
    struct listing *newer = listing_new("");
    CK_OBJECT_HANDLE gone;

    (void)state;
    gone = see(0, now + 10, older);
    see(1, now + 20, newer);
    object_remove_unlisted(&table, newer, now + 20);
    assert_false(object_exists(&table, gone));
    listing_drop(older);
    listing_drop(newer);
}

static void a_listing_that_a_logout_came_into_removes_nothing_newer(void **state)
{
    struct listing *listing = listing_new("");
    CK_OBJECT_HANDLE before = see(0, now + 10, listing);
    CK_OBJECT_HANDLE after;
    CK_OBJECT_HANDLE found;

    (void)state;
    object_logout(&table);
    after = see(1, now + 10, listing);
    found = see(2, store_time_monotonic(), NULL);
    object_remove_unlisted(&table, listing, now + 10);
    assert_false(object_exists(&table, before));
    assert_true(object_exists(&table, after));
    assert_true(object_exists(&table, found));
    listing_drop(listing);
}

static void a_key_for_use_does_not_count(void **state)
{
    struct listing *listing = listing_new("");
    CK_OBJECT_HANDLE unlisted;
    CK_OBJECT_HANDLE used;
    char key[32];

    (void)state;
    see(0, now + 10, listing);
    used = object_key_of_secret(&table, in_shard(0, key), "raw");
    unlisted = see(1, now + 10, NULL);
    object_remove_unlisted(&table, listing, now + 20);
    assert_true(object_exists(&table, used));
    assert_false(object_exists(&table, unlisted));
    listing_drop(listing);
}

/* Another thread's, in the moment after `watched` is unlocked. */
static pthread_mutex_t *watched;
static CK_OBJECT_HANDLE found_again;

int __real_pthread_mutex_unlock(pthread_mutex_t *mutex);
int __wrap_pthread_mutex_unlock(pthread_mutex_t *mutex);

int __wrap_pthread_mutex_unlock(pthread_mutex_t *mutex)
{
    int error = __real_pthread_mutex_unlock(mutex);

    if (mutex == watched) {
        int64_t asked_ns = store_time_monotonic();
        struct listing *listing = listing_new("");
        watched = NULL;
        found_again = see(0, asked_ns, listing);
        object_remove_unlisted(&table, listing, asked_ns);
        listing_drop(listing);
    }
    return error;
}

static void a_secret_that_comes_back_while_its_object_ends_is_listed(void **state)
{
    char key[32];
    CK_OBJECT_HANDLE gone = see(0, store_time_monotonic(), NULL);
    CK_OBJECT_HANDLE other = see(1, store_time_monotonic(), NULL);

    (void)state;
    in_shard(0, key);
    watched = &object_index_at(&table.index, key).shard->lock;
    object_remove_key(&table, key, store_time_monotonic());
    assert_null(watched);
    assert_true(object_exists(&table, found_again));
    assert_false(object_exists(&table, gone));
    assert_false(object_exists(&table, other)); /* there was something to remove */
}

#define NUMBER 4000

static void an_object_without_memory_does_not_appear(void **state)
{
    char key[200];
    size_t refused = 0;

    (void)state;
    memset(key, 'k', sizeof key);
    for (int i = 0; i < NUMBER; i++) {
        CK_OBJECT_HANDLE handle = 0;
        /* every other one is longer than an object has room for */
        snprintf(key, sizeof key, "user/u/%0*d", i % 2 == 0 ? 3 : 90, i);
        for (unsigned long at = 1; handle == 0; at++) {
            short_memory_at = at;
            handle = found_at(key, NULL, now, 0, NULL);
            refused += short_memory_at == 0 ? 1 : 0;
            assert_true(handle != 0 || short_memory_at == 0);
            short_memory_at = 0;
        }
        assert_true(object_exists(&table, handle));
        assert_true(found_at(key, NULL, now, 0, NULL) == handle);
    }
    /* that of a long key, of a table in each shard, and of larger ones */
    assert_true(refused > NUMBER / 2 + 2 * OBJECT_SHARDS);
}

static void a_place_that_is_used_again_has_nothing_of_before(void **state)
{
    struct listing *listing = listing_new("");
    char key[32];
    CK_OBJECT_HANDLE first = found_at(in_shard(0, key), "v", now + 10, 0, listing);
    struct object *before = object_lock(&table, first);
    struct object *after;

    (void)state;
    object_unlock(&table, before);
    object_remove_key(&table, key, now + 10);
    after = object_lock(&table, found_at("global/b", NULL, now, 0, NULL));
    assert_ptr_equal(after, before);
    assert_int_equal(after->listing, 0);
    assert_int_equal(after->seen_ns, now);
    assert_int_equal(after->loaded_ns, 0);
    assert_string_equal(after->key, "global/b");
    object_unlock(&table, after);
    assert_false(object_exists(&table, first));
    listing_drop(listing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        case_of(a_removed_secret_is_not_counted_any_more),
        case_of(a_late_answer_of_an_older_listing_does_not_count),
        case_of(a_newer_listing_counts_anew),
        case_of(a_listing_that_a_logout_came_into_removes_nothing_newer),
        case_of(a_key_for_use_does_not_count),
        case_of(a_secret_that_comes_back_while_its_object_ends_is_listed),
        case_of(an_object_without_memory_does_not_appear),
        case_of(a_place_that_is_used_again_has_nothing_of_before),
    };

    return cmocka_run_group_tests_name("object_index", tests, NULL, NULL);
}
