/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/module/check.h"
#include "tests/fault/short_memory.h"

#include <stdlib.h>

#include "module/object/object_read.h"
#include "module/object/object_view.h"
#include "module/token.h"
#include "store/time.h"

/*
 * A call's view of an object, and the record that the object keeps. Two sessions read the same
 * secrets; this thread plays both, in a possible order of two threads.
 */

#define KEY "global/a"
#define VALUE "the value"
#define LONGER VALUE " and more"

static struct session_table sessions;
static struct token token;
static struct store_conf_set *conf;
static struct caller one;
static struct caller other;
static CK_OBJECT_HANDLE object;
static CK_OBJECT_HANDLE other_object; /* in the listings of two */
static enum store_err answer;         /* of the store */
static const char *value;             /* what it has, */
static const char *version;           /* its version, */
static const char *bulk_version;      /* and that in a bulk read; "" if that leaves it out */
static int reads;
static int bulk_reads;

static enum store_err read_secret(struct store_ctx *ctx, const char *key, struct store_record *out)
{
    (void)ctx;
    (void)key;
    reads++;
    strcpy(out->version, version);
    return answer == STORE_OK ? store_secret_set(&out->value, value, strlen(value)) : answer;
}

static enum store_err read_many(struct store_ctx *ctx, const char *const *keys, size_t count,
                                store_each_fn *each, void *arg)
{
    (void)ctx;
    bulk_reads++;
    for (size_t i = 0; i < count; i++) {
        AUTO_RECORD record = {0};
        assert_int_equal(store_secret_set(&record.value, value, strlen(value)), STORE_OK);
        strcpy(record.version, bulk_version);
        assert_int_equal(each(arg, keys[i], STORE_OK, &record), STORE_OK);
    }
    return STORE_OK;
}

static void close_store(struct store_ctx *ctx)
{
    (void)ctx;
}

static const struct store_backend backend = {
    .close = close_store, .read = read_secret, .read_many = read_many};

static void open_session(struct caller *caller)
{
    CK_SESSION_HANDLE handle;

    assert_int_equal(session_open(&sessions, &token, false, &handle), CKR_OK);
    assert_true(session_find(&sessions, handle, caller));
}

static int with_configuration(const char *arguments)
{
    const struct object_found found = {
        .kind = OBJECT_SECRET, .key = KEY, .asked_ns = store_time_monotonic()};

    setenv("HOME", "/nonexistent", 1);
    unsetenv("SIDESEAT_CONFIG");
    answer = STORE_OK;
    value = VALUE;
    version = "1";
    bulk_version = "1";
    reads = 0;
    bulk_reads = 0;
    memset(&sessions, 0, sizeof sessions);
    memset(&token, 0, sizeof token);
    assert_int_equal(store_conf_load(&conf, arguments), STORE_OK);
    session_table_init(&sessions);
    assert_true(token_init(&token, 1, store_conf_at(conf, 0)));
    token.store.backend = &backend;
    token.opened = true;
    open_session(&one);
    open_session(&other);
    object = object_upsert(&token.objects, &found);
    assert_true(object != 0);
    return 0;
}

static int with_sessions(void **state)
{
    (void)state;
    return with_configuration("backend=env");
}

static int with_sensitive(void **state)
{
    (void)state;
    return with_configuration("backend=env sensitive=" KEY);
}

static int without_sessions(void **state)
{
    (void)state;
    session_table_free(&sessions);
    token_free(&token);
    store_conf_free(conf);
    return 0;
}

/* As clients read: the length, then the value. */
static void measure_and_read(const struct caller *caller)
{
    CK_ATTRIBUTE attribute = {CKA_VALUE, NULL, 0};
    char read[64];

    assert_int_equal(object_get_attributes(caller, object, &attribute, 1), CKR_OK);
    assert_int_equal(attribute.ulValueLen, strlen(VALUE));
    attribute.pValue = read;
    assert_int_equal(object_get_attributes(caller, object, &attribute, 1), CKR_OK);
    assert_memory_equal(read, VALUE, strlen(VALUE));
}

static bool has_value(void)
{
    struct object *locked = object_lock(&token.objects, object);
    bool has = locked != NULL && locked->has_value;

    assert_non_null(locked);
    object_unlock(&token.objects, locked);
    return has;
}

static void value_is_let_go_once_it_has_been_read(void **state)
{
    (void)state;
    measure_and_read(&one);
    assert_false(has_value());
}

/* Loads the value into a view of its own. */
static CK_RV load(struct object_view *view)
{
    CK_RV rv = object_view(&token, object, view);

    return rv == CKR_OK ? object_view_load(view, OBJECT_NEED_VALUE, CKR_CALL_GET) : rv;
}

static void assert_sees(const struct object_view *view, const char *text, const char *at_version)
{
    assert_true(store_secret_equal(&view->record.value, text, strlen(text)));
    assert_string_equal(view->record.version, at_version);
}

static void one_thread_does_not_take_away_anothers_value(void **state)
{
    AUTO_VIEW view = {0};

    (void)state;
    assert_int_equal(load(&view), CKR_OK);
    measure_and_read(&other);
    assert_sees(&view, VALUE, "1");
    measure_and_read(&one);
    assert_false(has_value());
}

static void a_load_of_an_absent_secret_ends_the_object(void **state)
{
    AUTO_VIEW view = {0};

    (void)state;
    answer = STORE_NOT_FOUND;
    assert_int_equal(load(&view), CKR_OBJECT_HANDLE_INVALID);
    assert_null(object_lock(&token.objects, object));
}

static void a_failed_load_leaves_no_value(void **state)
{
    AUTO_VIEW view = {0};

    (void)state;
    answer = STORE_TIMEOUT;
    assert_int_equal(load(&view), ckr_from_store(CKR_CALL_GET, STORE_TIMEOUT));
    answer = STORE_OK;
    measure_and_read(&one);
    assert_false(has_value());
}

/* Another session's finding of the secret, as an object of this kind. */
static CK_OBJECT_HANDLE find_by_another(enum object_kind kind, const char *text,
                                        const char *at_version)
{
    AUTO_RECORD record = {0};
    const struct object_found found = {.kind = kind,
                                       .key = KEY,
                                       .encoding = kind == OBJECT_KEY ? "raw" : NULL,
                                       .record = &record,
                                       .has_value = true,
                                       .has_metadata = true,
                                       .asked_ns = store_time_monotonic()};

    assert_int_equal(store_secret_set(&record.value, text, strlen(text)), STORE_OK);
    strcpy(record.version, at_version);
    return object_upsert(&token.objects, &found);
}

/* One measures the value; another session finds a longer one that has replaced it. */
static void replace_measured(void)
{
    CK_ATTRIBUTE attribute = {CKA_VALUE, NULL, 0};

    assert_int_equal(object_get_attributes(&one, object, &attribute, 1), CKR_OK);
    value = LONGER;
    version = "2";
    assert_true(find_by_another(OBJECT_SECRET, value, version) == object);
}

static void a_view_stays_as_it_is(void **state)
{
    AUTO_VIEW view = {0};

    (void)state;
    assert_int_equal(load(&view), CKR_OK);
    value = LONGER;
    version = "2";
    assert_true(find_by_another(OBJECT_SECRET, value, version) == object);
    assert_sees(&view, VALUE, "1");
    object_logout(&token.objects);
    assert_sees(&view, VALUE, "1");
}

static void length_that_memory_is_too_short_for_is_not_told(void **state)
{
    CK_ATTRIBUTE attribute = {CKA_VALUE, NULL, 0};

    (void)state;
    short_memory_at = 2; /* the store's own comes first */
    assert_int_equal(object_get_attributes(&one, object, &attribute, 1), CKR_HOST_MEMORY);
    assert_int_equal(short_memory_at, 0);
    assert_int_equal(attribute.ulValueLen, CK_UNAVAILABLE_INFORMATION);
    measure_and_read(&one);
}

static void a_sized_read_gets_a_fitting_value(void **state)
{
    char read[sizeof VALUE - 1];
    CK_ATTRIBUTE attribute = {CKA_VALUE, read, sizeof read};

    (void)state;
    replace_measured();
    assert_int_equal(object_get_attributes(&one, object, &attribute, 1), CKR_OK);
    assert_memory_equal(read, VALUE, sizeof read);
}

/* Else a change at that version would undo a change that its author has never seen. */
static void no_value_is_given_with_the_version_of_another(void **state)
{
    char read[sizeof VALUE - 1];
    char told[8];
    CK_ATTRIBUTE both[] = {{CKA_VALUE, read, sizeof read}, {CKA_SIDESEAT_VERSION, told, 8}};

    (void)state;
    replace_measured();
    assert_int_equal(object_get_attributes(&one, object, both, 2), CKR_BUFFER_TOO_SMALL);
    assert_int_equal(both[0].ulValueLen, CK_UNAVAILABLE_INFORMATION);
    assert_int_equal(both[1].ulValueLen, 1);
    assert_int_equal(told[0], '2');
}

static void value_of_a_key_stays_inside_however_it_is_asked_for(void **state)
{
    char read[sizeof VALUE - 1] = {0};
    CK_ATTRIBUTE attribute = {CKA_VALUE, NULL, 0};
    CK_OBJECT_HANDLE key = find_by_another(OBJECT_KEY, VALUE, "1");

    (void)state;
    assert_int_equal(object_get_attributes(&one, key, &attribute, 1), CKR_ATTRIBUTE_SENSITIVE);
    assert_true(find_by_another(OBJECT_KEY, LONGER, "1") == key);
    attribute = (CK_ATTRIBUTE){CKA_VALUE, read, sizeof read};
    assert_int_equal(object_get_attributes(&one, key, &attribute, 1), CKR_ATTRIBUTE_SENSITIVE);
    assert_int_equal(attribute.ulValueLen, CK_UNAVAILABLE_INFORMATION);
    assert_int_equal(read[0], 0);
}

static void value_of_a_sensitive_secret_stays_inside_as_well(void **state)
{
    char read[sizeof VALUE - 1] = {0};
    CK_ATTRIBUTE attribute = {CKA_VALUE, NULL, 0};

    (void)state;
    assert_int_equal(object_get_attributes(&one, object, &attribute, 1), CKR_ATTRIBUTE_SENSITIVE);
    assert_true(find_by_another(OBJECT_SECRET, LONGER, "2") == object);
    attribute = (CK_ATTRIBUTE){CKA_VALUE, read, sizeof read};
    assert_int_equal(object_get_attributes(&one, object, &attribute, 1), CKR_ATTRIBUTE_SENSITIVE);
    assert_int_equal(read[0], 0);
    assert_int_equal(reads, 0);
}

static void length_that_is_not_told_keeps_nothing(void **state)
{
    CK_ATTRIBUTE attribute = {CKA_VALUE, NULL, 0};
    CK_OBJECT_HANDLE key = find_by_another(OBJECT_KEY, VALUE, "1");

    (void)state;
    assert_int_equal(object_get_attributes(&one, key, &attribute, 1), CKR_ATTRIBUTE_SENSITIVE);
    assert_null(one.session->sized.first);
}

static void logout_drops_sized_values(void **state)
{
    CK_ATTRIBUTE attribute = {CKA_VALUE, NULL, 0};

    (void)state;
    assert_int_equal(object_get_attributes(&one, object, &attribute, 1), CKR_OK);
    assert_non_null(one.session->sized.first);
    assert_int_equal(session_logout(&sessions, &token), CKR_OK);
    assert_null(one.session->sized.first);
}

/* Lets time pass for the object. */
static void grow_old(int64_t ns)
{
    struct object *locked = object_lock(&token.objects, object);

    assert_non_null(locked);
    locked->loaded_ns -= ns;
    object_unlock(&token.objects, locked);
}

static void version_alone_is_as_new_as_ever(void **state)
{
    CK_ATTRIBUTE measure = {CKA_VALUE, NULL, 0};
    char told[8];
    CK_ATTRIBUTE attribute = {CKA_SIDESEAT_VERSION, told, sizeof told};

    (void)state;
    assert_int_equal(object_get_attributes(&one, object, &measure, 1), CKR_OK);
    grow_old(2 * OBJECT_SNAPSHOT_NS);
    version = "2";
    assert_int_equal(object_get_attributes(&one, object, &attribute, 1), CKR_OK);
    assert_int_equal(told[0], '2');
}

/* A client that measures all it wants before it reads gets one state of the secret. */
static void value_and_version_that_were_measured_together_are_read_together(void **state)
{
    char read[64];
    char told[8];
    CK_ATTRIBUTE both[] = {{CKA_VALUE, NULL, 0}, {CKA_SIDESEAT_VERSION, NULL, 0}};

    (void)state;
    assert_int_equal(object_get_attributes(&one, object, both, 2), CKR_OK);
    value = LONGER;
    version = "2";
    assert_true(find_by_another(OBJECT_SECRET, value, version) == object);
    both[0].pValue = read;
    both[1].pValue = told;
    assert_int_equal(object_get_attributes(&one, object, both, 2), CKR_OK);
    assert_int_equal(both[0].ulValueLen, strlen(VALUE));
    assert_memory_equal(read, VALUE, strlen(VALUE));
    assert_int_equal(told[0], '1');
}

/* Two secrets in a listing, of which the store has told the keys. */
static void list_two(struct listing *listing)
{
    static const char *const keys[] = {KEY, "global/b"};

    for (size_t i = 0; i < COUNT(keys); i++) {
        const struct object_found found = {.kind = OBJECT_SECRET,
                                           .key = keys[i],
                                           .asked_ns = store_time_monotonic(),
                                           .listing = listing->id,
                                           .listing_at = (uint32_t)i};
        other_object = object_upsert(&token.objects, &found);
        assert_true(listing_add(listing, other_object));
    }
    listings_keep(&token.listings, listing, 0);
    listing_drop(listing);
}

static void read_with_version(void)
{
    char read[64];
    char told[8];
    CK_ATTRIBUTE both[] = {{CKA_VALUE, read, sizeof read}, {CKA_SIDESEAT_VERSION, told, 8}};

    assert_int_equal(object_get_attributes(&one, object, both, 2), CKR_OK);
    assert_int_equal(both[0].ulValueLen, strlen(VALUE));
    assert_int_equal(both[1].ulValueLen, 1);
}

static void versions_that_bulk_reads_leave_out_are_read_one_by_one(void **state)
{
    CK_OBJECT_HANDLE first = object;

    (void)state;
    list_two(listing_new(""));
    bulk_version = "";
    read_with_version();
    assert_int_equal(bulk_reads, 1);
    assert_int_equal(reads, 1);
    object = other_object;
    read_with_version();
    object = first;
    assert_int_equal(bulk_reads, 1);
    assert_int_equal(reads, 2);
}

static void values_with_versions_come_in_bulk_where_the_store_gives_both(void **state)
{
    (void)state;
    list_two(listing_new(""));
    read_with_version();
    assert_int_equal(bulk_reads, 1);
    assert_int_equal(reads, 0);
}

#define case_of(test) cmocka_unit_test_setup_teardown(test, with_sessions, without_sessions)

int main(void)
{
    const struct CMUnitTest tests[] = {
        case_of(value_is_let_go_once_it_has_been_read),
        case_of(one_thread_does_not_take_away_anothers_value),
        case_of(a_load_of_an_absent_secret_ends_the_object),
        case_of(a_failed_load_leaves_no_value),
        case_of(a_view_stays_as_it_is),
        case_of(length_that_memory_is_too_short_for_is_not_told),
        case_of(a_sized_read_gets_a_fitting_value),
        case_of(no_value_is_given_with_the_version_of_another),
        case_of(value_of_a_key_stays_inside_however_it_is_asked_for),
        cmocka_unit_test_setup_teardown(value_of_a_sensitive_secret_stays_inside_as_well,
                                        with_sensitive, without_sessions),
        case_of(length_that_is_not_told_keeps_nothing),
        case_of(version_alone_is_as_new_as_ever),
        case_of(logout_drops_sized_values),
        case_of(value_and_version_that_were_measured_together_are_read_together),
        case_of(versions_that_bulk_reads_leave_out_are_read_one_by_one),
        case_of(values_with_versions_come_in_bulk_where_the_store_gives_both),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
