/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store/url.h"

static void assert_shown(const char *text, const char *expected)
{
    char shown[128];

    store_url_show(text, shown, sizeof shown);
    assert_string_equal(shown, expected);
}

static void user_and_password_are_not_shown(void **state)
{
    (void)state;
    assert_shown("http://me:pw@proxy:3128/x", "http://***@proxy:3128/x");
    assert_shown("http://me@proxy", "http://***@proxy");
    assert_shown("http://me:p@w@proxy", "http://***@proxy");
    assert_shown("http://me:p/w?#@proxy", "http://***@proxy");
    assert_shown("socks5h://:pw@[::1]:1", "socks5h://***@[::1]:1");
    assert_shown("me:pw@proxy:3128", "***@proxy:3128");
    assert_shown("Unsupported proxy syntax in 'me:pw@proxy'",
                 "Unsupported proxy syntax in '***@proxy'");
    assert_shown("Unsupported proxy scheme for 'x://me:pw@proxy'",
                 "Unsupported proxy scheme for 'x://***@proxy'");
    assert_shown("x@http://proxy", "***@http://proxy");
}

static void anything_else_is_shown_as_it_is(void **state)
{
    char cut[sizeof "http://" + 1];

    (void)state;
    store_url_show("http://\xc3\xbc", cut, sizeof cut);
    assert_string_equal(cut, "http://?");
    assert_shown("", "");
    assert_shown("https://vault.internal:8200/a", "https://vault.internal:8200/a");
    assert_shown("http://\xc3\xbc\x1b[31m\x7f", "http://\xc3\xbc?[31m?");
}

static void a_long_one_is_cut(void **state)
{
    char shown[12];

    (void)state;
    store_url_show("http://me:pw@proxy.example", shown, sizeof shown);
    assert_string_equal(shown, "http://***@");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(user_and_password_are_not_shown),
        cmocka_unit_test(anything_else_is_shown_as_it_is),
        cmocka_unit_test(a_long_one_is_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
