/* SPDX-License-Identifier: Apache-2.0 */
/* backends/vault/login.c: the files that tokens and ids are in. */
#include "tests/unit/conf/conf_fixture.h"

#include <stdlib.h>
#include <string.h>

#include "backends/vault/login.h"

static void assert_secret(const char *text, const char *expected)
{
    AUTO_SECRET secret = {0};

    assert_int_equal(vault_file_secret(fixture_file("token", 0600, text), true, &secret), STORE_OK);
    assert_true(store_secret_equal(&secret, expected, strlen(expected)));
}

static void white_space_around_is_not_part_of_it(void **state)
{
    (void)state;
    assert_secret("hvs.token", "hvs.token");
    assert_secret(" \t hvs.token\r\n\n", "hvs.token");
    assert_secret("two words\n", "two words");
}

static void an_empty_file_is_like_a_missing_one(void **state)
{
    AUTO_SECRET secret = {0};

    (void)state;
    assert_int_equal(vault_file_secret(fixture_path("none"), true, &secret), STORE_NOT_FOUND);
    assert_int_equal(vault_file_secret(fixture_file("token", 0600, ""), true, &secret),
                     STORE_NOT_FOUND);
    assert_int_equal(vault_file_secret(fixture_file("token", 0600, " \n"), true, &secret),
                     STORE_NOT_FOUND);
}

/* And not only its beginning, which does not log in. */
static void too_large_a_file_is_an_error(void **state)
{
    const size_t len = (size_t)64 * 1024 + 1;
    char *text = calloc(len + 1, 1);
    AUTO_SECRET secret = {0};

    (void)state;
    assert_non_null(text);
    memset(text, 'x', len);
    assert_int_equal(vault_file_secret(fixture_file("token", 0600, text), true, &secret),
                     STORE_AUTH);
    assert_logged("is larger than 65536 bytes");
    assert_int_equal(secret.len, 0);
    text[len - 1] = '\0';
    assert_int_equal(vault_file_secret(fixture_file("token", 0600, text), true, &secret), STORE_OK);
    assert_int_equal(secret.len, len - 1);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CONF_TEST(white_space_around_is_not_part_of_it),
        CONF_TEST(an_empty_file_is_like_a_missing_one),
        CONF_TEST(too_large_a_file_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
