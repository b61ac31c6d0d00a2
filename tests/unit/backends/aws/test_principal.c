/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "backends/aws/principal.h"

static bool parse(const char *arn, struct aws_principal *out)
{
    return aws_principal_parse(arn, strlen(arn), out);
}

static bool set_role(struct aws_principal *principal, const char *arn)
{
    return aws_principal_set_role(principal, arn, strlen(arn));
}

static void a_user_is_named_as_it_is_with_its_path(void **state)
{
    static const char *const users[] = {
        "arn:aws:iam::123456789012:user/app",
        "arn:aws-cn:iam::123456789012:user/division/team/app",
        "arn:aws-us-gov:iam::123456789012:user/a+b=c,d.e@f_g-h",
    };
    struct aws_principal principal;

    (void)state;
    for (size_t i = 0; i < sizeof users / sizeof users[0]; i++) {
        assert_true(parse(users[i], &principal));
        assert_int_equal(principal.kind, AWS_PRINCIPAL_USER);
        assert_string_equal(principal.arn, users[i]);
        assert_string_equal(principal.account, "123456789012");
        assert_string_equal(principal.role, "");
        assert_false(set_role(&principal, "arn:aws:iam::123456789012:role/app"));
    }
    assert_string_equal(principal.partition, "aws-us-gov");
}

static void a_session_becomes_its_role(void **state)
{
    struct aws_principal principal;

    (void)state;
    assert_true(parse("arn:aws-us-gov:sts::123456789012:assumed-role/app/i-0abc", &principal));
    assert_int_equal(principal.kind, AWS_PRINCIPAL_ROLE);
    assert_string_equal(principal.role, "app");
    assert_string_equal(principal.partition, "aws-us-gov");
    assert_string_equal(principal.arn, "arn:aws-us-gov:iam::123456789012:role/app");
}

static void the_path_of_a_role_comes_from_iam_alone(void **state)
{
    static const char *const others[] = {
        "arn:aws:iam::123456789012:role/other",   "arn:aws:iam::123456789012:role/x-app",
        "arn:aws:iam::123456789012:role/app/",    "arn:aws:iam::123456789012:user/app",
        "arn:aws:iam::210987654321:role/app",     "arn:aws-cn:iam::123456789012:role/app",
        "arn:aws:iam::123456789012:role/a b/app", "",
    };
    struct aws_principal principal;
    char far_too_long[2000];

    (void)state;
    assert_true(parse("arn:aws:sts::123456789012:assumed-role/app/s", &principal));
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_false(set_role(&principal, others[i]));
        assert_string_equal(principal.arn, "arn:aws:iam::123456789012:role/app");
    }
    memset(far_too_long, 'x', sizeof far_too_long);
    assert_false(aws_principal_set_role(&principal, far_too_long, sizeof far_too_long));
    assert_true(set_role(&principal, "arn:aws:iam::123456789012:role/aws-reserved/x/app"));
    assert_string_equal(principal.arn, "arn:aws:iam::123456789012:role/aws-reserved/x/app");
}

static void those_that_iam_does_not_simulate_are_told_apart(void **state)
{
    struct aws_principal principal;

    (void)state;
    assert_true(parse("arn:aws:iam::123456789012:root", &principal));
    assert_int_equal(principal.kind, AWS_PRINCIPAL_ROOT);
    assert_string_equal(principal.arn, "");
    assert_true(parse("arn:aws:sts::123456789012:federated-user/bob", &principal));
    assert_int_equal(principal.kind, AWS_PRINCIPAL_FEDERATED);
    assert_string_equal(principal.arn, "");
}

static void everything_else_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "arn",
        "arn:aws:iam::123456789012",
        "arn:aws:iam::123456789012:",
        "arn:aws:iam::123456789012:user/",
        "arn:aws:iam::123456789012:user/a/",
        "arn:aws:iam::123456789012:user/a b",
        "arn:aws:iam::123456789012:user/a\nb",
        "arn:aws:iam::123456789012:group/a",
        "arn:aws:iam::12345678901:user/a",
        "arn:aws:iam::1234567890123:user/a",
        "arn:aws:iam::12345678901x:user/a",
        "arn:aws:iam:eu-west-1:123456789012:user/a",
        "urn:aws:iam::123456789012:user/a",
        "arn:AWS:iam::123456789012:user/a",
        "arn::iam::123456789012:user/a",
        "arn:aws-with-a-name-that-is-far-too-long-for-a-partition:iam::123456789012:user/a",
        "arn:aws:iam::123456789012:assumed-role/a/b",
        "arn:aws:sts::123456789012:assumed-role/a",
        "arn:aws:sts::123456789012:assumed-role/a/",
        "arn:aws:sts::123456789012:assumed-role//b",
        "arn:aws:sts::123456789012:assumed-role/a/b/c",
        "arn:aws:sts::123456789012:user/a",
        "arn:aws:sts::123456789012:federated-user/",
    };
    static const char nul[] = "arn:aws:iam::123456789012:user/a\0b";
    struct aws_principal principal;
    char text[1000];

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (parse(bad[i], &principal))
            fail_msg("%s is accepted", bad[i]);
    assert_false(aws_principal_parse(nul, sizeof nul - 1, &principal));
    assert_false(parse("arn:aws:sts::123456789012:assumed-role/"
                       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/s",
                       &principal)); /* 65 characters */
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    memcpy(text, "arn:aws:iam::123456789012:user/", 31);
    assert_false(parse(text, &principal));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_user_is_named_as_it_is_with_its_path),
        cmocka_unit_test(a_session_becomes_its_role),
        cmocka_unit_test(the_path_of_a_role_comes_from_iam_alone),
        cmocka_unit_test(those_that_iam_does_not_simulate_are_told_apart),
        cmocka_unit_test(everything_else_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
