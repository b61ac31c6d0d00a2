/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "backends/aws/fault.h"
#include "backends/aws/retry.h"
#include "store/time.h"

static void names_are_freed_from_their_surroundings(void **state)
{
    char code[AWS_CODE_SIZE];

    (void)state;
    aws_fault_code("ResourceNotFoundException", code);
    assert_string_equal(code, "ResourceNotFoundException");
    aws_fault_code("com.amazonaws.secretsmanager#ThrottlingException", code);
    assert_string_equal(code, "ThrottlingException");
    aws_fault_code("AccessDenied:http://internal.amazon.com/coral/", code);
    assert_string_equal(code, "AccessDenied");
    aws_fault_code("ns#Name:http://x#y", code);
    assert_string_equal(code, "Name");
    aws_fault_code("\x1b[31m", code);
    assert_string_equal(code, "");
}

static void only_one_name_means_that_a_secret_is_not_there(void **state)
{
    (void)state;
    assert_int_equal(aws_fault_find(400, "ResourceNotFoundException")->err, STORE_NOT_FOUND);
    assert_int_not_equal(aws_fault_find(404, "")->err, STORE_NOT_FOUND);
    assert_int_not_equal(aws_fault_find(404, "NoSuchBucket")->err, STORE_NOT_FOUND);
}

static void a_quota_is_not_throttling(void **state)
{
    (void)state;
    assert_int_equal(aws_fault_find(400, "LimitExceededException")->flags & AWS_FAULT_RETRY, 0);
    assert_int_not_equal(aws_fault_find(400, "ThrottlingException")->flags & AWS_FAULT_RETRY, 0);
}

static void answers_without_a_name_are_judged_by_their_status(void **state)
{
    (void)state;
    assert_int_equal(aws_fault_find(401, "")->err, STORE_AUTH);
    assert_int_equal(aws_fault_find(403, "")->err, STORE_DENIED);
    assert_int_equal(aws_fault_find(413, "")->err, STORE_TOO_BIG);
    assert_int_not_equal(aws_fault_find(503, "")->flags & AWS_FAULT_RETRY, 0);
    assert_int_equal(aws_fault_find(301, "")->err, STORE_UNAVAILABLE);
    assert_int_equal(aws_fault_find(301, "")->flags, 0);
}

static void an_empty_budget_ends_retries_and_success_fills_it(void **state)
{
    atomic_int budget = 4;
    int64_t deadline = store_time_monotonic() + 60 * STORE_TIME_S;
    struct aws_retry retry = aws_retry_begin(&budget, 3, deadline);

    (void)state;
    assert_false(aws_retry_wait(&retry, false, 0));
    assert_int_equal(atomic_load(&budget), 4);
    aws_retry_done(&retry, true);
    assert_int_equal(atomic_load(&budget), 5);
    aws_retry_done(&retry, false);
    assert_int_equal(atomic_load(&budget), 5);
    atomic_store(&budget, AWS_RETRY_BUDGET);
    aws_retry_done(&retry, true);
    assert_int_equal(atomic_load(&budget), AWS_RETRY_BUDGET);
}

static void a_retry_that_is_not_made_costs_nothing(void **state)
{
    atomic_int budget = AWS_RETRY_BUDGET;
    struct aws_retry once = aws_retry_begin(&budget, 1, INT64_MAX);
    struct aws_retry late = aws_retry_begin(&budget, 3, store_time_monotonic());

    (void)state;
    assert_false(aws_retry_wait(&once, false, 0));
    assert_false(aws_retry_wait(&late, true, 0));
    assert_int_equal(atomic_load(&budget), AWS_RETRY_BUDGET);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_freed_from_their_surroundings),
        cmocka_unit_test(only_one_name_means_that_a_secret_is_not_there),
        cmocka_unit_test(a_quota_is_not_throttling),
        cmocka_unit_test(answers_without_a_name_are_judged_by_their_status),
        cmocka_unit_test(an_empty_budget_ends_retries_and_success_fills_it),
        cmocka_unit_test(a_retry_that_is_not_made_costs_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
