/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "backends/vault/path.h"

static void segments_are_escaped_byte_by_byte(void **state)
{
    struct vault_path path = {.len = 0};

    (void)state;
    assert_int_equal(vault_path_segments(&path, "secret"), STORE_OK);
    assert_int_equal(vault_path_segments(&path, "/data/"), STORE_OK);
    assert_int_equal(vault_path_segments(&path, ""), STORE_OK);
    assert_int_equal(vault_path_segments(&path, "org/a b?#%/\xc3\xbc~-_.x+=&:@"), STORE_OK);
    assert_string_equal(path.text, "/secret/data/org/a%20b%3F%23%25/%C3%BC~-_.x%2B%3D%26%3A%40");
    assert_int_equal(path.len, strlen(path.text));
}

static void a_key_that_would_leave_the_folder_is_refused(void **state)
{
    static const char *const bad[] = {"..",  ".",   "a/..", "../a",   "a/./b", "a//b",
                                      "//a", "a//", "a\nb", "a/\x7f", "a/../b"};
    struct vault_path path;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        path.len = 0;
        assert_int_equal(vault_path_segments(&path, bad[i]), STORE_BAD_KEY);
    }
    path.len = 0;
    assert_int_equal(vault_path_segments(&path, "..."), STORE_OK);
    assert_int_equal(vault_path_segments(&path, "a..b/.c"), STORE_OK);
    assert_string_equal(path.text, "/.../a..b/.c");
}

static void a_path_that_is_too_long_is_refused(void **state)
{
    struct vault_path path = {.len = 0};
    char longest[256];

    (void)state;
    memset(longest, '%', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_int_equal(vault_path_segments(&path, longest), STORE_OK);
    assert_int_equal(vault_path_segments(&path, longest), STORE_OK);
    assert_int_equal(vault_path_segments(&path, longest), STORE_BAD_KEY);
    assert_true(path.len < sizeof path.text);
}

static void this_machine_is_known_by_its_names(void **state)
{
    static const char *const here[] = {"http://localhost", "http://LOCALHOST:8200/x",
                                       "http://127.0.0.1:8200", "https://127.1.2.3/",
                                       "http://[::1]:8200"};
    static const char *const there[] = {"http://localhost.evil.test",
                                        "http://127.0.0.1.evil.test",
                                        "http://10.0.0.1",
                                        "http://vault",
                                        "http://[::2]",
                                        "127.0.0.1",
                                        "http://127.evil.test:8200",
                                        "http://evil.test/127.0.0.1",
                                        "http://[::1].evil.test",
                                        "http://[::1]x"};

    (void)state;
    for (size_t i = 0; i < sizeof here / sizeof here[0]; i++)
        assert_true(vault_host_loopback(here[i]));
    for (size_t i = 0; i < sizeof there / sizeof there[0]; i++)
        assert_false(vault_host_loopback(there[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(segments_are_escaped_byte_by_byte),
        cmocka_unit_test(a_key_that_would_leave_the_folder_is_refused),
        cmocka_unit_test(a_path_that_is_too_long_is_refused),
        cmocka_unit_test(this_machine_is_known_by_its_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
