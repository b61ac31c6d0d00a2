/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "store/secret.h"

/* The part of secret.c about blocks that have a mapping of their own. */

#define SIZE ((size_t)300000)

static bool is_mapped(const unsigned char *byte)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    unsigned char resident;

    return mincore((void *)((uintptr_t)byte & ~(page - 1)), 1, &resident) == 0;
}

static unsigned char *fill(struct store_secret *s, size_t size)
{
    unsigned char *bytes;

    assert_int_equal(store_secret_resize(s, size, &bytes), STORE_OK);
    memset(bytes, 0xee, size);
    return bytes;
}

static void one_is_wiped_and_waits_for_the_next(void **state)
{
    struct store_secret s = {0};
    unsigned char *first = fill(&s, SIZE);

    (void)state;
    store_secret_wipe(&s);
    for (size_t i = 0; i < SIZE; i++)
        assert_int_equal(first[i], 0);
    assert_ptr_equal(fill(&s, SIZE - 1000), first);
    store_secret_wipe(&s);
    store_secret_trim();
    assert_false(is_mapped(first));
}

static void a_second_one_is_given_back(void **state)
{
    struct store_secret a = {0};
    struct store_secret b = {0};
    unsigned char *first = fill(&a, SIZE);
    unsigned char *second = fill(&b, SIZE);

    (void)state;
    store_secret_wipe(&a);
    store_secret_wipe(&b);
    assert_true(is_mapped(first) != is_mapped(second));
    store_secret_trim();
    assert_false(is_mapped(first) || is_mapped(second));
}

static void one_outlives_the_pool(void **state)
{
    struct store_secret s = {0};
    unsigned char *bytes = fill(&s, SIZE);

    (void)state;
    store_secret_trim(); /* nothing is in the pool, so it goes */
    store_secret_wipe(&s);
    for (size_t i = 0; i < SIZE; i++)
        assert_int_equal(bytes[i], 0);
    store_secret_trim();
    assert_false(is_mapped(bytes));
}

static void one_that_does_not_fit_is_given_back(void **state)
{
    struct store_secret s = {0};
    unsigned char *bytes = fill(&s, SIZE);

    (void)state;
    store_secret_wipe(&s);
    fill(&s, 10000); /* it would be far too large */
    assert_false(is_mapped(bytes + SIZE / 2));
    store_secret_wipe(&s);
    bytes = fill(&s, SIZE); /* and now it is too small */
    assert_int_equal(bytes[SIZE - 1], 0xee);
    store_secret_wipe(&s);
    store_secret_trim();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_is_wiped_and_waits_for_the_next),
        cmocka_unit_test(a_second_one_is_given_back),
        cmocka_unit_test(one_outlives_the_pool),
        cmocka_unit_test(one_that_does_not_fit_is_given_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
