/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "store/pages.h"

static size_t page(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

/* True if the page at `address` is mapped. */
static bool is_mapped(const unsigned char *address)
{
    unsigned char resident;

    return mincore((void *)(uintptr_t)address, 1, &resident) == 0;
}

/* True if `address` lies in memory for which huge pages were asked ("hg"). */
static bool is_huge(const unsigned char *address)
{
    FILE *smaps = fopen("/proc/self/smaps", "re");
    char line[512];
    uintptr_t start;
    uintptr_t end;
    bool inside = false;
    bool huge = false;

    assert_non_null(smaps);
    while (fgets(line, sizeof line, smaps) != NULL) {
        if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " ", &start, &end) == 2)
            inside = (uintptr_t)address >= start && (uintptr_t)address < end;
        if (inside && strncmp(line, "VmFlags:", 8) == 0)
            huge = strstr(line, " hg") != NULL;
    }
    fclose(smaps);
    return huge;
}

static void sizes_are_rounded_up_to_pages(void **state)
{
    (void)state;
    assert_int_equal(store_pages_round(0), 0);
    assert_int_equal(store_pages_round(1), page());
    assert_int_equal(store_pages_round(page()), page());
    assert_int_equal(store_pages_round(page() + 1), 2 * page());
}

static void all_of_it_is_zero_and_may_be_written_to(void **state)
{
    const size_t sizes[] = {page(), STORE_PAGES_HUGE - page(), STORE_PAGES_HUGE,
                            STORE_PAGES_HUGE + page(), 3 * STORE_PAGES_HUGE};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        unsigned char *pages = store_pages_map(sizes[i]);
        assert_non_null(pages);
        for (size_t at = 0; at < sizes[i]; at++)
            assert_int_equal(pages[at], 0);
        memset(pages, 0xee, sizes[i]);
        store_pages_unmap(pages, sizes[i]);
    }
}

static void large_memory_is_aligned_for_huge_pages(void **state)
{
    unsigned char *small = store_pages_map(STORE_PAGES_HUGE - page());
    unsigned char *large = store_pages_map(STORE_PAGES_HUGE + page());

    (void)state;
    assert_int_equal((uintptr_t)large % STORE_PAGES_HUGE, 0);
    if (access("/sys/kernel/mm/transparent_hugepage/enabled", F_OK) == 0)
        assert_true(is_huge(large));
    assert_false(is_huge(small));
    store_pages_unmap(small, STORE_PAGES_HUGE - page());
    store_pages_unmap(large, STORE_PAGES_HUGE + page());
}

static void nothing_stays_mapped(void **state)
{
    unsigned char *pages = store_pages_map(STORE_PAGES_HUGE + page());

    (void)state;
    store_pages_unmap(pages, STORE_PAGES_HUGE + page());
    for (size_t at = 0; at <= STORE_PAGES_HUGE; at += page())
        assert_false(is_mapped(pages + at));
}

/* The process' mapped memory, in pages: the first number of statm (proc(5)). */
static unsigned long mapped(void)
{
    FILE *statm = fopen("/proc/self/statm", "re");
    unsigned long count;

    assert_non_null(statm);
    assert_int_equal(fscanf(statm, "%lu", &count), 1);
    fclose(statm);
    return count;
}

static void no_more_is_mapped_than_was_asked_for(void **state)
{
    unsigned long before = mapped();
    unsigned char *pages = store_pages_map(STORE_PAGES_HUGE + page());

    (void)state;
    assert_int_equal(mapped() - before, STORE_PAGES_HUGE / page() + 1);
    store_pages_unmap(pages, STORE_PAGES_HUGE + page());
    assert_int_equal(mapped(), before);
}

static void an_impossible_size_is_an_error(void **state)
{
    (void)state;
    assert_null(store_pages_map(SIZE_MAX - STORE_PAGES_HUGE * 64 + 1));
    assert_null(store_pages_map(SIZE_MAX - page() + 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_are_rounded_up_to_pages),
        cmocka_unit_test(all_of_it_is_zero_and_may_be_written_to),
        cmocka_unit_test(large_memory_is_aligned_for_huge_pages),
        cmocka_unit_test(nothing_stays_mapped),
        cmocka_unit_test(no_more_is_mapped_than_was_asked_for),
        cmocka_unit_test(an_impossible_size_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
