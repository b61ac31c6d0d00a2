/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "module/object.h"
#include "module/token.h"
#include "store/time.h"

/*
 * What threads that find, write and remove the same secret leave of its object, in every order that
 * their answers can come in.
 */

#define KEY "org/acme/key"

static struct object_table table;
static struct token token;
static int64_t now;

static int with_token(void **state)
{
    (void)state;
    memset(&table, 0, sizeof table);
    memset(&token, 0, sizeof token);
    object_table_init(&table);
    object_index_init(&token.index);
    now = store_time_monotonic();
    return 0;
}

static int without_token(void **state)
{
    (void)state;
    object_index_free(&token.index);
    object_table_free(&table);
    return 0;
}

/* What a call found that asked at `asked_ns`, or wrote that began at `began_ns`. */
static CK_OBJECT_HANDLE found(const char *value, int64_t asked_ns, int64_t began_ns,
                              const struct listing *listing)
{
    AUTO_RECORD record = {.version = "1"};
    const struct object_found what = {
        .kind = OBJECT_SECRET,
        .key = KEY,
        .record = value == NULL ? NULL : &record,
        .complete = value != NULL,
        .asked_ns = asked_ns,
        .began_ns = began_ns,
        .listing = listing == NULL ? 0 : listing->id,
    };

    if (value != NULL) {
        assert_int_equal(store_secret_set(&record.value, value, strlen(value)), STORE_OK);
        memcpy(record.version, value, strlen(value) + 1);
    }
    return object_of_token(&table, &token, &what);
}

/* Whether the object has this value, or, with NULL, none that could be used. */
static void assert_holds(CK_OBJECT_HANDLE handle, const char *value)
{
    struct object *object = object_lock(&table, handle);

    assert_non_null(object);
    assert_int_equal(object->complete, value != NULL);
    if (value != NULL)
        assert_true(store_secret_equal(&object->record.value, value, strlen(value)));
    object_unlock(object);
}

static void two_listings_at_once_lose_nothing(void **state)
{
    struct listing *first = listing_new("");
    struct listing *second = listing_new("");
    CK_OBJECT_HANDLE handle = found(NULL, now + 20, 0, second);

    (void)state;
    assert_true(found(NULL, now + 10, 0, first) == handle);
    object_remove_unlisted(&table, &token, second, now + 20);
    assert_true(object_exists(&table, handle));
    object_remove_unlisted(&table, &token, first, now + 10);
    assert_true(object_exists(&table, handle));
    listing_drop(first);
    listing_drop(second);
}

static void what_a_later_listing_does_not_have_is_gone(void **state)
{
    struct listing *first = listing_new("org/");
    struct listing *second = listing_new("org/");
    CK_OBJECT_HANDLE handle = found("v", now + 10, 0, first);

    (void)state;
    object_remove_unlisted(&table, &token, second, now + 20);
    assert_false(object_exists(&table, handle));
    listing_drop(first);
    listing_drop(second);
}

static void a_read_from_before_a_write_does_not_undo_it(void **state)
{
    CK_OBJECT_HANDLE handle = found("new", now + 30, now + 10, NULL);

    (void)state;
    assert_true(found("old", now + 20, 0, NULL) == handle);
    assert_holds(handle, "new");
}

static void what_was_read_or_written_during_a_write_is_asked_for_again(void **state)
{
    CK_OBJECT_HANDLE handle = found("old", now + 20, 0, NULL);

    (void)state;
    assert_true(found("new", now + 30, now + 10, NULL) == handle);
    assert_holds(handle, NULL);
    assert_true(found("newest", now + 40, 0, NULL) == handle);
    assert_holds(handle, "newest");
}

static void a_read_from_before_a_removal_brings_nothing_back(void **state)
{
    int64_t before = store_time_monotonic();
    CK_OBJECT_HANDLE handle = found("v", before, 0, NULL);

    (void)state;
    object_remove_key(&table, &token, KEY, store_time_monotonic());
    assert_false(object_exists(&table, handle));
    assert_holds(found("v", before, 0, NULL), NULL);
    assert_holds(found("again", store_time_monotonic(), 0, NULL), "again");
}

static void what_was_seen_since_is_not_removed_but_asked_for_again(void **state)
{
    CK_OBJECT_HANDLE handle = found("v", now + 20, 0, NULL);

    (void)state;
    object_remove_key(&table, &token, KEY, now + 10);
    assert_holds(handle, NULL);
    object_remove_key(&table, &token, KEY, now + 20);
    assert_false(object_exists(&table, handle));
}

static void a_read_from_before_a_logout_keeps_no_value(void **state)
{
    CK_OBJECT_HANDLE handle = found("v", now, 0, NULL);

    (void)state;
    object_forget(&token.index);
    assert_holds(handle, NULL);
    assert_true(found("v", now, 0, NULL) == handle);
    assert_holds(handle, NULL);
}

#define case_of(test) cmocka_unit_test_setup_teardown(test, with_token, without_token)

int main(void)
{
    const struct CMUnitTest tests[] = {
        case_of(two_listings_at_once_lose_nothing),
        case_of(what_a_later_listing_does_not_have_is_gone),
        case_of(a_read_from_before_a_write_does_not_undo_it),
        case_of(what_was_read_or_written_during_a_write_is_asked_for_again),
        case_of(a_read_from_before_a_removal_brings_nothing_back),
        case_of(what_was_seen_since_is_not_removed_but_asked_for_again),
        case_of(a_read_from_before_a_logout_keeps_no_value),
    };

    return cmocka_run_group_tests_name("object", tests, NULL, NULL);
}
