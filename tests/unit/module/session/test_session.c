/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/module/check.h"

#include "module/session/session.h"
#include "module/token.h"

/* The places of sessions and the handles made of them. */

static struct session_table table;
static struct token token;
static struct store_conf_set *conf;

static int with_table(void **state)
{
    (void)state;
    assert_int_equal(store_conf_load(&conf, "backend=env"), STORE_OK);
    memset(&token, 0, sizeof token);
    memset(&table, 0, sizeof table);
    session_table_init(&table);
    token_init(&token, 1, store_conf_at(conf, 0));
    return 0;
}

static int without_table(void **state)
{
    (void)state;
    session_table_free(&table);
    token_free(&token);
    store_conf_free(conf);
    return 0;
}

static struct caller open_one(void)
{
    struct caller caller = {0};
    CK_SESSION_HANDLE handle = 0;

    assert_int_equal(session_open(&table, &token, false, &handle), CKR_OK);
    assert_true(session_find(&table, handle, &caller));
    return caller;
}

static void a_place_is_used_again_by_another_handle(void **state)
{
    struct caller first = open_one();
    struct caller second;

    (void)state;
    assert_int_equal(session_close(&table, &first), CKR_OK);
    second = open_one();
    assert_ptr_equal(second.session, first.session);
    assert_false(session_find(&table, first.handle, &first));
    assert_int_equal(session_close(&table, &second), CKR_OK);
}

/* With a CK_ULONG of 32 bits that is reached after 65,536 uses. */
static void a_place_whose_uses_are_counted_to_the_end_is_not_used_again(void **state)
{
    const CK_SESSION_HANDLE uses = ~(CK_SESSION_HANDLE)0xffff;
    struct caller first = open_one();
    struct caller last;
    struct caller next;

    (void)state;
    assert_int_equal(session_close(&table, &first), CKR_OK);
    first.session->last_handle |= uses - 0x10000;
    last = open_one();
    assert_ptr_equal(last.session, first.session);
    assert_int_equal(last.handle & uses, uses);
    assert_int_equal(session_close(&table, &last), CKR_OK);
    next = open_one();
    assert_ptr_not_equal(next.session, first.session);
    assert_false(session_find(&table, first.handle, &last));
    assert_int_equal(session_close(&table, &next), CKR_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_place_is_used_again_by_another_handle, with_table,
                                        without_table),
        cmocka_unit_test_setup_teardown(a_place_whose_uses_are_counted_to_the_end_is_not_used_again,
                                        with_table, without_table),
    };

    return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
