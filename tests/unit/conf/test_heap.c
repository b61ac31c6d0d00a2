/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/conf/conf_fixture.h"

#include <stdio.h>
#include <string.h>

#ifndef SANITIZED
#define SANITIZED false
#endif

/* How often `len` bytes, each one more than in `less`, are in a mapping. */
static size_t count_in(const unsigned char *start, const unsigned char *end, const char *less,
                       size_t len)
{
    size_t count = 0;

    for (; start + len <= end; start++) {
        size_t i = 0;
        while (i < len && start[i] == (unsigned char)(less[i] + 1))
            i++;
        count += i == len ? 1 : 0;
    }
    return count;
}

/* How often the bytes are in this process's heap and other anonymous memory. */
static size_t count_in_memory(const char *less, size_t len)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    size_t count = 0;
    char line[512];

    assert_non_null(maps);
    while (fgets(line, sizeof line, maps) != NULL) {
        unsigned long start;
        unsigned long end;
        unsigned long inode;
        char rights[8];
        char name[256] = "";
        if (sscanf(line, "%lx-%lx %7s %*x %*s %lu %255s", &start, &end, rights, &inode, name) < 4)
            continue;
        if (strcmp(name, "[heap]") != 0 || rights[0] != 'r') /* musl has a guard page in front */
            continue;
        count += count_in((const unsigned char *)start, (const unsigned char *)end, less, len);
    }
    (void)fclose(maps);
    return count;
}

/* Loads a file that the test wrote without ever holding the token in memory of its own. */
static void no_copy_of_a_token_is_left_in_the_heap(void **state)
{
    /* each byte is one too small, so that the token itself is not found here */
    static const char less[] = "gur-qncmdr-jmnv-enq-sghr-svdmsx-rodbhldmr-ne-sdws-sghr-hr";
    size_t len = sizeof less - 1;
    char token[sizeof less];
    char text[256];

    (void)state;
    if (SANITIZED)
        skip(); /* their allocators keep memory elsewhere, and their checks forbid the search */
    for (size_t i = 0; i < sizeof less; i++)
        token[i] = (char)(less[i] + (i < len ? 1 : 0));
    snprintf(text, sizeof text,
             "{\"secrets\": {\"backend\": \"vault\", \"vault\": {\"token\": \"%s\"}}}", token);
    assert_int_equal(fixture_load_text(text), STORE_OK);
    assert_true(store_secret_equal(store_conf_secret(fixture_token(0), "vault.token"), token, len));
    explicit_bzero(text, sizeof text);
    explicit_bzero(token, sizeof token);
    /* later allocations overwrite the first bytes of freed memory at most */
    assert_int_equal(count_in_memory(less + len - 24, 24), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {CONF_TEST(no_copy_of_a_token_is_left_in_the_heap)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
