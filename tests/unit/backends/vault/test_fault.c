/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "backends/vault/fault.h"

static enum store_err err_of(int status, const char *message)
{
    return vault_fault_find(status, message)->err;
}

static void a_status_and_its_message_have_one_meaning(void **state)
{
    (void)state;
    assert_int_equal(err_of(400, "check-and-set parameter did not match the current version"),
                     STORE_CONFLICT);
    assert_int_equal(err_of(400, ""), STORE_BAD_KEY);
    assert_int_equal(err_of(400, "missing data"), STORE_UNSUPPORTED);
    assert_int_equal(err_of(403, "permission denied"), STORE_DENIED);
    assert_int_equal(err_of(403, "permission denied; invalid token"), STORE_AUTH);
    assert_int_equal(err_of(404, ""), STORE_NOT_FOUND);
    assert_int_equal(err_of(404, "no handler for route \"x\""), STORE_BAD_CONF);
    assert_int_equal(err_of(413, ""), STORE_TOO_BIG);
    assert_int_equal(err_of(500, "put failed due to value being too large"), STORE_TOO_BIG);
    assert_int_equal(err_of(503, "Vault is sealed"), STORE_UNAVAILABLE);
    assert_int_equal(err_of(302, ""), STORE_UNAVAILABLE);
    assert_int_equal(err_of(599, "anything"), STORE_UNAVAILABLE);
}

static void only_requests_without_effect_are_repeated(void **state)
{
    (void)state;
    assert_true(vault_fault_find(429, "")->retry);
    assert_true(vault_fault_find(412, "")->retry);
    assert_true(vault_fault_find(503, "Vault is sealed")->retry);
    assert_false(vault_fault_find(500, "value being too large")->retry);
    assert_false(vault_fault_find(500, "")->retry);
    assert_false(vault_fault_find(403, "")->retry);
}

static void every_refusal_but_an_ordinary_answer_has_a_remedy(void **state)
{
    (void)state;
    for (int status = 300; status < 600; status++) {
        const struct vault_fault *fault = vault_fault_find(status, "x");
        assert_true(fault->err == STORE_NOT_FOUND || fault->remedy[0] != '\0');
    }
}

static void messages_become_one_short_printable_line(void **state)
{
    static const char text[] = "{\"errors\":[\"2 errors:\\n\\t* permission denied\",\"two\",3]}";
    char message[VAULT_MESSAGE_SIZE];
    AUTO_SECRET body = {0};
    AUTO_JSON reply = NULL;

    (void)state;
    assert_int_equal(store_secret_set(&body, text, sizeof text - 1), STORE_OK);
    assert_int_equal(json_read(&reply, &body, NULL), STORE_OK);
    vault_fault_message(reply, message);
    assert_string_equal(message, "2 errors: * permission denied; two");
    vault_fault_message(NULL, message);
    assert_string_equal(message, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_status_and_its_message_have_one_meaning),
        cmocka_unit_test(only_requests_without_effect_are_repeated),
        cmocka_unit_test(every_refusal_but_an_ordinary_answer_has_a_remedy),
        cmocka_unit_test(messages_become_one_short_printable_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
