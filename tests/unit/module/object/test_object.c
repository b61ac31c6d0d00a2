/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/module/object/object_fixture.h"

#include <stdio.h>
#include <stdlib.h>

#include "module/object/object_session.h"
#include "store/time.h"

/*
 * The state of an object after threads have found, written and removed its secret, in every order
 * of their answers; and the state of many objects after a listing.
 */

#define KEY "org/acme/key"

static CK_OBJECT_HANDLE found(const char *value, int64_t asked_ns, int64_t began_ns,
                              const struct listing *listing)
{
    return found_at(KEY, value, asked_ns, began_ns, listing);
}

/* True if the object has this value, or, for NULL, does not have a usable one. */
static void assert_holds(CK_OBJECT_HANDLE handle, const char *value)
{
    struct object *object = object_lock(&table, handle);

    assert_non_null(object);
    assert_int_equal(object->has_value, value != NULL);
    if (value != NULL)
        assert_true(store_secret_equal(&object->record.value, value, strlen(value)));
    object_unlock(&table, object);
}

static void two_listings_at_once_lose_nothing(void **state)
{
    struct listing *first = listing_new("");
    struct listing *second = listing_new("");
    CK_OBJECT_HANDLE handle = found(NULL, now + 20, 0, second);

    (void)state;
    assert_true(found(NULL, now + 10, 0, first) == handle);
    object_remove_unlisted(&table, second, now + 20);
    assert_true(object_exists(&table, handle));
    object_remove_unlisted(&table, first, now + 10);
    assert_true(object_exists(&table, handle));
    listing_drop(first);
    listing_drop(second);
}

static void a_secret_that_a_later_listing_lacks_is_gone(void **state)
{
    struct listing *first = listing_new("org/");
    struct listing *second = listing_new("org/");
    CK_OBJECT_HANDLE handle = found("v", now + 10, 0, first);

    (void)state;
    object_remove_unlisted(&table, second, now + 20);
    assert_false(object_exists(&table, handle));
    listing_drop(first);
    listing_drop(second);
}

static void assert_version(CK_OBJECT_HANDLE handle, const char *version)
{
    struct object *object = object_lock(&table, handle);

    assert_non_null(object);
    assert_string_equal(object->record.version, version);
    object_unlock(&table, object);
}

static void a_version_of_any_length_is_kept_whole(void **state)
{
    struct listing *listing = listing_new("");
    char longest[STORE_VERSION_SIZE] = {0};

    (void)state;
    memset(longest, 'v', sizeof longest - 1);
    for (size_t len = 1; len < sizeof longest; len++) {
        const char *version = longest + sizeof longest - 1 - len;
        assert_version(found(version, now + 10, 0, listing), version);
        assert_version(found("short", now + 20, 0, NULL), "short");
        assert_version(found(version, now + 30, 0, NULL), version);
        assert_version(object_key_of_secret(&table, KEY, "raw"), version);
        now += 30;
    }
    listing_drop(listing);
}

static void assert_record(CK_OBJECT_HANDLE handle, int64_t created_ns, int64_t updated_ns,
                          bool stale)
{
    struct object *object = object_lock(&table, handle);

    assert_non_null(object);
    assert_int_equal(object->record.created_ns, created_ns);
    assert_int_equal(object->record.updated_ns, updated_ns);
    assert_int_equal(object->record.stale, stale);
    object_unlock(&table, object);
}

static void a_key_for_use_has_all_of_its_secret(void **state)
{
    AUTO_RECORD record = {.version = "1", .created_ns = 5, .updated_ns = 6, .stale = true};
    struct object_found what = {.kind = OBJECT_SECRET,
                                .key = KEY,
                                .record = &record,
                                .has_value = true,
                                .has_metadata = true,
                                .asked_ns = now};
    CK_OBJECT_HANDLE secret;
    CK_OBJECT_HANDLE key;

    (void)state;
    assert_int_equal(store_secret_set(&record.value, "v", 1), STORE_OK);
    secret = object_upsert(&table, &what);
    assert_true(object_key_of_secret(&table, "global/none", "raw") == 0);
    key = object_key_of_secret(&table, KEY, "raw");
    assert_true(key != 0 && key != secret);
    assert_holds(key, "v");
    assert_version(key, "1");
    assert_record(key, 5, 6, true);
}

static void a_key_of_any_length_is_found_again(void **state)
{
    char longest[STORE_KEY_MAX + 2] = "global/";

    (void)state;
    memset(longest + 7, 'k', STORE_KEY_MAX + 1 - 7);
    assert_true(found_at(longest, "v", now, 0, NULL) == 0);
    for (size_t len = STORE_KEY_MAX; len > 7; len--) {
        CK_OBJECT_HANDLE handle;
        longest[len] = '\0';
        handle = found_at(longest, "v", now, 0, NULL);
        assert_true(handle != 0);
        assert_true(found_at(longest, "w", now, 0, NULL) == handle);
        object_remove_key(&table, longest, now);
        assert_false(object_exists(&table, handle));
        /* the same place, used again */
        assert_true(found_at(longest, "v", now, 0, NULL) != handle);
    }
}

#define MANY 1000

/* One of many keys, half of them of one organization. */
static const char *key_at(int i, char out[64])
{
    snprintf(out, 64, i % 2 == 0 ? "org/acme/%d" : "global/%d", i);
    return out;
}

static CK_OBJECT_HANDLE list(int i, int64_t asked_ns, const struct listing *listing)
{
    char key[64];

    return found_at(key_at(i, key), NULL, asked_ns, 0, listing);
}

static void gone_secrets_are_found_among_new_ones(void **state)
{
    struct listing *first = listing_new("");
    struct listing *second = listing_new("");
    CK_OBJECT_HANDLE handles[MANY];

    (void)state;
    for (int i = 0; i < MANY; i++)
        handles[i] = list(i, now + 10, first);
    object_remove_unlisted(&table, first, now + 10);
    for (int i = 0; i < MANY; i++)
        assert_true(object_exists(&table, handles[i]));
    /* one more for each one less */
    for (int i = MANY / 2; i < MANY / 2 + MANY; i++)
        list(i, now + 20, second);
    object_remove_unlisted(&table, second, now + 20);
    for (int i = 0; i < MANY; i++)
        assert_true(object_exists(&table, handles[i]) == (i >= MANY / 2));
    for (int i = MANY / 2; i < MANY; i++)
        assert_true(list(i, now + 30, NULL) == handles[i]);
    listing_drop(first);
    listing_drop(second);
}

static void a_removal_leaves_the_other_listed_objects(void **state)
{
    struct listing *first = listing_new("");
    CK_OBJECT_HANDLE handles[MANY];
    char key[64];

    (void)state;
    for (int i = 0; i < MANY; i++)
        handles[i] = list(i, now + 10, first);
    for (int i = 0; i < MANY; i += 3)
        object_remove_key(&table, key_at(i, key), now + 10);
    list(0, now + 10, first);
    object_remove_unlisted(&table, first, now + 20);
    for (int i = 0; i < MANY; i++) {
        assert_true(object_exists(&table, handles[i]) == (i % 3 != 0));
        if (i % 3 != 0)
            assert_true(list(i, now + 10, NULL) == handles[i]);
    }
    listing_drop(first);
}

static void a_listing_of_a_part_says_nothing_of_the_rest(void **state)
{
    struct listing *all = listing_new("");
    struct listing *part = listing_new("org/acme/");
    CK_OBJECT_HANDLE handles[MANY];

    (void)state;
    for (int i = 0; i < MANY; i++)
        handles[i] = list(i, now + 10, all);
    for (int i = 0; i < MANY; i += 4)
        list(i, now + 20, part);
    object_remove_unlisted(&table, part, now + 20);
    for (int i = 0; i < MANY; i++)
        assert_true(object_exists(&table, handles[i]) == (i % 4 != 2));
    listing_drop(all);
    listing_drop(part);
}

static void a_read_from_before_a_write_does_not_undo_it(void **state)
{
    CK_OBJECT_HANDLE handle = found("new", now + 30, now + 10, NULL);

    (void)state;
    assert_true(found("old", now + 20, 0, NULL) == handle);
    assert_holds(handle, "new");
}

static void a_read_or_write_during_a_write_is_asked_for_again(void **state)
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
    object_remove_key(&table, KEY, store_time_monotonic());
    assert_false(object_exists(&table, handle));
    assert_holds(found("v", before, 0, NULL), NULL);
    assert_holds(found("again", store_time_monotonic(), 0, NULL), "again");
}

static void an_object_seen_since_is_not_removed_but_asked_for_again(void **state)
{
    CK_OBJECT_HANDLE handle = found("v", now + 20, 0, NULL);

    (void)state;
    object_remove_key(&table, KEY, now + 10);
    assert_holds(handle, NULL);
    object_remove_key(&table, KEY, now + 20);
    assert_false(object_exists(&table, handle));
}

static void a_logout_ends_private_objects_for_good(void **state)
{
    CK_OBJECT_HANDLE secret = found("v", now, 0, NULL);
    CK_OBJECT_HANDLE key = object_key_of_secret(&table, KEY, "raw");
    CK_OBJECT_HANDLE status = object_fixed(&table, OBJECT_STATUS);

    (void)state;
    object_logout(&table);
    assert_false(object_exists(&table, secret));
    assert_false(object_exists(&table, key));
    assert_true(object_exists(&table, status));
    assert_true(found("v", store_time_monotonic(), 0, NULL) != secret);
    assert_false(object_exists(&table, secret));
}

static void a_read_from_before_a_logout_keeps_no_value(void **state)
{
    AUTO_RECORD record = {.version = "1"};
    struct object_found late = {.record = &record, .has_value = true, .asked_ns = now};
    CK_OBJECT_HANDLE handle = found("v", now, 0, NULL);

    (void)state;
    assert_int_equal(store_secret_set(&record.value, "v", 1), STORE_OK);
    object_logout(&table);
    object_keep(&table, handle, &late);
    assert_false(object_exists(&table, handle));
    assert_holds(found("v", now, 0, NULL), NULL);
}

static CK_OBJECT_HANDLE make_own(CK_SESSION_HANDLE session, bool private)
{
    struct session_attributes *own =
        session_attributes_new(private ? OBJECT_BIT(OBJECT_PRIVATE) : 0);
    AUTO_SECRET value = {0};
    CK_OBJECT_HANDLE handle;

    assert_non_null(own);
    assert_int_equal(store_secret_set(&value, "v", 1), STORE_OK);
    handle = object_new_in_session(&table, session, OBJECT_SESSION_DATA, own, &value);
    assert_true(handle != 0);
    return handle;
}

static void a_logout_leaves_public_objects(void **state)
{
    CK_OBJECT_HANDLE public = make_own(1, false);
    CK_OBJECT_HANDLE private = make_own(1, true);

    (void)state;
    object_logout(&table);
    assert_holds(public, "v");
    assert_false(object_exists(&table, private));
}

static void objects_of_two_tokens_have_different_handles(void **state)
{
    static struct object_table other;
    const struct object_found what = {.kind = OBJECT_SECRET, .key = KEY, .asked_ns = now};
    CK_OBJECT_HANDLE mine = found("v", now, 0, NULL);
    CK_OBJECT_HANDLE theirs;

    (void)state;
    object_table_init(&other, 48);
    theirs = object_upsert(&other, &what);
    assert_false(object_exists(&table, theirs));
    assert_false(object_exists(&other, mine));
    object_logout(&other);
    assert_holds(mine, "v");
    object_table_free(&other);
}

static void a_session_takes_its_own_objects_along(void **state)
{
    CK_OBJECT_HANDLE handles[6];

    (void)state;
    for (int i = 0; i < 6; i++)
        handles[i] = make_own((CK_SESSION_HANDLE)(1 + i % 2), false);
    object_remove(&table, handles[2]); /* between two others of its list */
    object_remove(&table, handles[2]);
    assert_false(object_exists(&table, handles[2]));
    object_close_session(&table, 2);
    object_close_session(&table, 3);
    for (int i = 0; i < 6; i++)
        assert_true(object_exists(&table, handles[i]) == (i == 0 || i == 4));
    object_remove(&table, handles[4]);
    object_remove(&table, handles[0]);
    assert_false(object_has_sessions(&table));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        case_of(two_listings_at_once_lose_nothing),
        case_of(a_secret_that_a_later_listing_lacks_is_gone),
        case_of(a_version_of_any_length_is_kept_whole),
        case_of(a_key_for_use_has_all_of_its_secret),
        case_of(a_key_of_any_length_is_found_again),
        case_of(gone_secrets_are_found_among_new_ones),
        case_of(a_removal_leaves_the_other_listed_objects),
        case_of(a_listing_of_a_part_says_nothing_of_the_rest),
        case_of(a_read_from_before_a_write_does_not_undo_it),
        case_of(a_read_or_write_during_a_write_is_asked_for_again),
        case_of(a_read_from_before_a_removal_brings_nothing_back),
        case_of(an_object_seen_since_is_not_removed_but_asked_for_again),
        case_of(a_read_from_before_a_logout_keeps_no_value),
        case_of(a_logout_ends_private_objects_for_good),
        case_of(a_logout_leaves_public_objects),
        case_of(objects_of_two_tokens_have_different_handles),
        case_of(a_session_takes_its_own_objects_along),
    };

    return cmocka_run_group_tests_name("object", tests, NULL, NULL);
}
