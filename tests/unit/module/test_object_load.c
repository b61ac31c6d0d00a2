/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "module/lib.h"
#include "module/object_read.h"
#include "store/time.h"

/*
 * What an object keeps of what was loaded, and for whom. Two sessions read the same secret; this
 * thread is both, in an order that two threads could come in.
 */

#define KEY "global/a"
#define VALUE "the value"

static struct lib lib;
static struct token token;
static struct store_conf_set *conf;
static CK_SESSION_HANDLE one;
static CK_SESSION_HANDLE other;
static CK_OBJECT_HANDLE object;
static enum store_err answer; /* of the store */

static enum store_err read_secret(struct store_ctx *ctx, const char *key, struct store_record *out)
{
    (void)ctx;
    assert_string_equal(key, KEY);
    return answer == STORE_OK ? store_secret_set(&out->value, VALUE, strlen(VALUE)) : answer;
}

static void close_store(struct store_ctx *ctx)
{
    (void)ctx;
}

static const struct store_backend backend = {
    .version = STORE_BACKEND_VERSION, .name = "test", .close = close_store, .read = read_secret};

static int with_sessions(void **state)
{
    const struct object_found found = {
        .kind = OBJECT_SECRET, .key = KEY, .asked_ns = store_time_monotonic()};

    (void)state;
    answer = STORE_OK;
    memset(&lib, 0, sizeof lib);
    memset(&token, 0, sizeof token);
    assert_int_equal(store_conf_begin(&conf, "test", "env"), STORE_OK);
    session_table_init(&lib.sessions);
    object_table_init(&lib.objects);
    token_init(&token, 1, store_conf_at(conf, 0), &lib.objects);
    token.store.backend = &backend;
    token.opened = true;
    assert_int_equal(session_open(&lib, &token, false, &one), CKR_OK);
    assert_int_equal(session_open(&lib, &token, false, &other), CKR_OK);
    object = object_of_token(&lib.objects, &token, &found);
    assert_true(object != 0);
    return 0;
}

static int without_sessions(void **state)
{
    (void)state;
    session_table_free(&lib.sessions);
    token_free(&token);
    object_table_free(&lib.objects);
    store_conf_free(conf);
    return 0;
}

/* As clients read: the length, then the value. */
static void measure_and_read(CK_SESSION_HANDLE session)
{
    CK_ATTRIBUTE attribute = {CKA_VALUE, NULL, 0};
    char value[64];

    assert_int_equal(object_get_attributes(&lib, session, object, &attribute, 1), CKR_OK);
    assert_int_equal(attribute.ulValueLen, strlen(VALUE));
    attribute.pValue = value;
    assert_int_equal(object_get_attributes(&lib, session, object, &attribute, 1), CKR_OK);
    assert_memory_equal(value, VALUE, strlen(VALUE));
}

static bool has_value(void)
{
    struct object *locked = object_lock(&lib.objects, object);
    bool has = locked != NULL && object_has(locked, OBJECT_NEED_VALUE);

    assert_non_null(locked);
    object_unlock(locked);
    return has;
}

static void value_is_let_go_once_it_has_been_read(void **state)
{
    (void)state;
    measure_and_read(one);
    assert_false(has_value());
}

static void what_one_has_loaded_another_does_not_take_away(void **state)
{
    struct object *locked;

    (void)state;
    assert_int_equal(object_load(&lib, object, OBJECT_NEED_VALUE, CKR_CALL_GET), CKR_OK);
    measure_and_read(other);
    locked = object_lock_loaded(&lib.objects, object);
    assert_non_null(locked);
    assert_true(object_has(locked, OBJECT_NEED_VALUE));
    object_unlock(locked);
    measure_and_read(one);
    assert_false(has_value());
}

static void load_of_what_is_gone_ends_the_object(void **state)
{
    (void)state;
    answer = STORE_NOT_FOUND;
    assert_int_equal(object_load(&lib, object, OBJECT_NEED_VALUE, CKR_CALL_GET),
                     CKR_OBJECT_HANDLE_INVALID);
    assert_null(object_lock(&lib.objects, object));
}

static void load_that_fails_is_nobodys(void **state)
{
    (void)state;
    answer = STORE_TIMEOUT;
    assert_int_equal(object_load(&lib, object, OBJECT_NEED_VALUE, CKR_CALL_GET),
                     ckr_from_store(CKR_CALL_GET, STORE_TIMEOUT));
    answer = STORE_OK;
    measure_and_read(one);
    assert_false(has_value());
}

#define case_of(test) cmocka_unit_test_setup_teardown(test, with_sessions, without_sessions)

int main(void)
{
    const struct CMUnitTest tests[] = {
        case_of(value_is_let_go_once_it_has_been_read),
        case_of(what_one_has_loaded_another_does_not_take_away),
        case_of(load_of_what_is_gone_ends_the_object),
        case_of(load_that_fails_is_nobodys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
