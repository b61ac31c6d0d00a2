/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/aws/endpoint.h"
#include "store/log.h"

/* That AWS's own names come out as botocore's do is checked by
 * tests/cloud/aws/botocore_reference.py. */

static const struct aws_settings none;

static void expect_parsed(const char *url, const char *same, const char *host, const char *path,
                          bool plain)
{
    struct aws_endpoint endpoint;

    assert_true(aws_endpoint_parse(url, &endpoint));
    assert_string_equal(endpoint.url, same);
    assert_string_equal(endpoint.host, host);
    assert_string_equal(endpoint.path, path);
    assert_int_equal(endpoint.plain, plain);
}

static void urls_are_taken_apart(void **state)
{
    (void)state;
    expect_parsed("https://h.example", "https://h.example/", "h.example", "/", false);
    expect_parsed("https://H.Example:443/", "https://h.example/", "h.example", "/", false);
    expect_parsed("https://h:8443/a/b/", "https://h:8443/a/b", "h:8443", "/a/b", false);
    expect_parsed("http://127.0.0.1:80", "http://127.0.0.1/", "127.0.0.1", "/", false);
    expect_parsed("http://[::1]:5000", "http://[::1]:5000/", "[::1]:5000", "/", false);
    expect_parsed("http://localhost:1", "http://localhost:1/", "localhost:1", "/", false);
    expect_parsed("HTTP://localstack:4566", "http://localstack:4566/", "localstack:4566", "/",
                  true);
}

static void other_urls_are_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "h.example",
        "ftp://h",
        "https://",
        "https:///x",
        "https://h:",
        "https://h:1x",
        "https://h:123456",
        "https://u@h",
        "https://u:p@h/",
        "https://h?q",
        "https://h#f",
        "https://h/a b",
        "https://h/%41",
        "https://h//x",
        "https://h/../x",
        "https://h\r\nX: y",
        "https://[::1",
        "https://[]",
    };
    struct aws_endpoint endpoint;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (aws_endpoint_parse(bad[i], &endpoint))
            fail_msg("%s is accepted as %s", bad[i], endpoint.url);
}

static void only_this_machine_is_loopback(void **state)
{
    (void)state;
    assert_true(aws_host_loopback("localhost"));
    assert_true(aws_host_loopback("LOCALHOST:80"));
    assert_true(aws_host_loopback("127.0.0.1"));
    assert_true(aws_host_loopback("127.9.9.9:1"));
    assert_true(aws_host_loopback("[::1]:1"));
    assert_false(aws_host_loopback("127.0.0.1.example"));
    assert_false(aws_host_loopback("localhost.example"));
    assert_false(aws_host_loopback("128.0.0.1"));
    assert_false(aws_host_loopback("[::2]"));
    assert_false(aws_host_loopback("0x7f.1"));
}

static void the_service_s_variable_wins_over_the_general_one(void **state)
{
    const struct aws_profiles profiles = {.settings = &none, .chosen = "default"};
    struct aws_endpoint endpoint;

    (void)state;
    setenv("AWS_ENDPOINT_URL", "https://all.example", 1);
    setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", "https://sm.example", 1);
    assert_int_equal(aws_endpoint_find(&profiles, AWS_SECRETS_MANAGER, "eu-west-1", &endpoint),
                     STORE_OK);
    assert_string_equal(endpoint.host, "sm.example");
    assert_int_equal(aws_endpoint_find(&profiles, AWS_STS, "eu-west-1", &endpoint), STORE_OK);
    assert_string_equal(endpoint.host, "all.example");
    setenv("AWS_ENDPOINT_URL_IAM", "https://iam.example", 1);
    assert_int_equal(aws_endpoint_find(&profiles, AWS_IAM, "eu-west-1", &endpoint), STORE_OK);
    assert_string_equal(endpoint.host, "iam.example");
    unsetenv("AWS_ENDPOINT_URL_IAM");
    setenv("AWS_USE_FIPS_ENDPOINT", "true", 1);
    assert_int_equal(aws_endpoint_find(&profiles, AWS_STS, "eu-west-1", &endpoint), STORE_BAD_CONF);
    unsetenv("AWS_USE_FIPS_ENDPOINT");
    setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true", 1);
    assert_int_equal(aws_endpoint_find(&profiles, AWS_STS, "eu-west-1", &endpoint), STORE_OK);
    assert_string_equal(endpoint.host, "sts.eu-west-1.amazonaws.com");
    unsetenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
    unsetenv("AWS_ENDPOINT_URL");
    unsetenv("AWS_ENDPOINT_URL_SECRETS_MANAGER");
}

static void plain_http_to_another_machine_needs_leave(void **state)
{
    struct aws_settings settings = {.endpoint_url = "http://localstack:4566"};
    const struct aws_profiles profiles = {.settings = &settings, .chosen = "default"};
    struct aws_endpoint endpoint;

    (void)state;
    assert_int_equal(aws_endpoint_find(&profiles, AWS_SECRETS_MANAGER, "eu-west-1", &endpoint),
                     STORE_BAD_CONF);
    settings.allow_http = true;
    assert_int_equal(aws_endpoint_find(&profiles, AWS_SECRETS_MANAGER, "eu-west-1", &endpoint),
                     STORE_OK);
}

static void regions_cannot_name_other_hosts(void **state)
{
    const struct aws_profiles profiles = {.settings = &none, .chosen = "default"};
    struct aws_endpoint endpoint;

    (void)state;
    assert_int_equal(aws_endpoint_find(&profiles, AWS_STS, "x.evil.example/", &endpoint),
                     STORE_BAD_CONF);
    assert_int_equal(aws_endpoint_find(&profiles, AWS_STS, "", &endpoint), STORE_BAD_CONF);
    assert_int_equal(aws_endpoint_find(&profiles, AWS_STS, "eu-west-1@h", &endpoint),
                     STORE_BAD_CONF);
}

static char logged[1024]; /* the last line */

static void keep_line(void *arg, enum store_log_level level, const char *text)
{
    (void)arg;
    (void)level;
    (void)snprintf(logged, sizeof logged, "%s", text);
}

static void assert_password_hidden(const char *url, const char *shown)
{
    const struct aws_profiles profiles = {.settings = &none, .chosen = "default"};
    struct aws_endpoint endpoint;

    setenv("AWS_ENDPOINT_URL", url, 1);
    assert_int_equal(aws_endpoint_find(&profiles, AWS_STS, "eu-west-1", &endpoint), STORE_BAD_CONF);
    unsetenv("AWS_ENDPOINT_URL");
    assert_non_null(strstr(logged, shown));
    assert_null(strstr(logged, "pass"));
}

static void a_password_in_an_endpoint_is_not_logged(void **state)
{
    char text[3000];

    (void)state;
    assert_password_hidden("https://me:pass@h/x", "https://***@h/x");
    assert_password_hidden("me:pass@h", "***@h");
    setenv("AWS_USE_FIPS_ENDPOINT", "true", 1);
    assert_password_hidden("https://me:pass@h/x", "https://***@h/x");
    unsetenv("AWS_USE_FIPS_ENDPOINT");
    (void)snprintf(text, sizeof text, "https://me:pass%02500d@h", 0);
    assert_password_hidden(text, "too long");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(urls_are_taken_apart),
        cmocka_unit_test(other_urls_are_refused),
        cmocka_unit_test(only_this_machine_is_loopback),
        cmocka_unit_test(the_service_s_variable_wins_over_the_general_one),
        cmocka_unit_test(plain_http_to_another_machine_needs_leave),
        cmocka_unit_test(a_password_in_an_endpoint_is_not_logged),
        cmocka_unit_test(regions_cannot_name_other_hosts),
    };

    store_log_redirect(keep_line, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
