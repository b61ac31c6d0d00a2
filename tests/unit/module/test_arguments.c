/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/module/check.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "module/arguments.h"

static void text_is_copied(void **state)
{
    static const char text[] = "backend=file vault.address=\"https://caf\xc3\xa9/\"\n";
    char *copy = NULL;

    (void)state;
    assert_int_equal(arguments_copy(text, &copy), CKR_OK);
    assert_string_equal(copy, text);
    free(copy);
}

static void unreadable_memory_is_not_text(void **state)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *copy = NULL;

    (void)state;
    assert_int_equal(arguments_copy((void *)1, &copy), CKR_ARGUMENTS_BAD);
    assert_int_equal(arguments_copy((void *)UINTPTR_MAX, &copy), CKR_ARGUMENTS_BAD);
    assert_true(pages != MAP_FAILED);
    memset(pages, 'a', page);
    assert_int_equal(mprotect(pages + page, page, PROT_NONE), 0);
    /* a text without its end before a page that cannot be read, and one that ends just there */
    assert_int_equal(arguments_copy(pages + page - 8, &copy), CKR_ARGUMENTS_BAD);
    pages[page - 1] = '\0';
    assert_int_equal(arguments_copy(pages + page - 8, &copy), CKR_OK);
    assert_string_equal(copy, "aaaaaaa");
    free(copy);
    munmap(pages, 2 * page);
}

static void bytes_that_are_not_text_are_refused(void **state)
{
    static const char *const bad[] = {"\x01", "a\x7f", "\xff\xfe", "\xc0\x80", "backend=\x1b[0m"};
    char *copy = NULL;

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(arguments_copy(bad[i], &copy), CKR_ARGUMENTS_BAD);
}

static void text_without_end_is_refused(void **state)
{
    char *endless = malloc(64 * 1024);
    char *copy = NULL;

    (void)state;
    memset(endless, 'a', 64 * 1024);
    assert_int_equal(arguments_copy(endless, &copy), CKR_ARGUMENTS_BAD);
    free(endless);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_copied),
        cmocka_unit_test(unreadable_memory_is_not_text),
        cmocka_unit_test(bytes_that_are_not_text_are_refused),
        cmocka_unit_test(text_without_end_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
