/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/conf/conf_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void a_key_given_twice_is_found_wherever_it_is(void **state)
{
    static const char *const texts[] = {
        "{\"a\": 1, \"b\": 2, \"a\": 3}",
        "{\"server\": {\"list\": [1, {\"x\": {\"y\": 1, \"y\": 2}}]}}",
        "{\"a\": 1, \"\\u0061\": 2}",
        "{\"\": 1, \"\": 2}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_text_refused(texts[i], "named.json:1:", "same key twice; leave one");
    assert_text_refused("{\n \"a\": 1,\n  \"a\": 2}", "named.json:3:3", "twice");
}

static void a_mistake_has_its_place(void **state)
{
    (void)state;
    assert_text_refused("{\n  \"a\": 1,\n}", "named.json:3:", "syntax error");
    assert_text_refused("{\"a\": [1, 2}", "named.json:1:", "syntax error");
    assert_text_refused("{}\n}", "named.json:2:", "follows its end");
    assert_text_refused("{\"\\ud800\": 1}", "named.json", "surrogate pair");
    assert_text_refused("{\"a\": \"\xc3\"}", "named.json:1:8", "UTF-8");
}

static void deep_nesting_is_refused(void **state)
{
    char text[8192] = {0};

    (void)state;
    memset(text, '[', 4000);
    memset(text + 4000, ']', 4000);
    assert_text_refused(text, "named.json", "nested too deeply");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CONF_TEST(a_key_given_twice_is_found_wherever_it_is),
        CONF_TEST(a_mistake_has_its_place),
        CONF_TEST(deep_nesting_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
