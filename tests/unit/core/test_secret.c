/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <pthread.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/secret.h"

/*
 * The kernel's flags for this process's mappings: secrets, and nothing else here, lie in those that
 * a forked child sees zeroed ("wf").
 */
struct mappings {
    size_t count;
    size_t size;
    size_t undumpable; /* how many of them are "dd" */
    size_t found;      /* how often the needle is in them */
};

/* How often `needle` is in `len` bytes at `start`. */
static size_t count_in(const unsigned char *start, size_t len, const unsigned char *needle,
                       size_t needle_len)
{
    size_t count = 0;
    const unsigned char *end = start + len;

    while ((start = memmem(start, (size_t)(end - start), needle, needle_len)) != NULL) {
        count++;
        start++;
    }
    return count;
}

static struct mappings secret_mappings(const void *needle, size_t needle_len)
{
    struct mappings seen = {0};
    FILE *smaps = fopen("/proc/self/smaps", "re");
    char line[512];
    uintptr_t start = 0;
    uintptr_t end = 0;

    assert_non_null(smaps);
    while (fgets(line, sizeof line, smaps) != NULL) {
        uintptr_t from;
        uintptr_t to;
        if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " ", &from, &to) == 2) {
            start = from;
            end = to;
        }
        if (strncmp(line, "VmFlags:", 8) != 0 || strstr(line, " wf") == NULL)
            continue;
        seen.count++;
        seen.size += end - start;
        seen.undumpable += strstr(line, " dd") != NULL;
        if (needle_len > 0)
            seen.found += count_in((const unsigned char *)start, end - start, needle, needle_len);
    }
    fclose(smaps);
    return seen;
}

static int trim(void **state)
{
    (void)state;
    store_secret_trim();
    return 0;
}

/* After every test nothing of it is mapped, so a reference that was not dropped fails. */
static int nothing_is_left(void **state)
{
    (void)state;
    store_secret_trim();
    return secret_mappings(NULL, 0).count == 0 ? 0 : -1;
}

/* Bytes that are nowhere else: 16 for each `number`. */
static const unsigned char *marker(unsigned number)
{
    static unsigned char bytes[16];

    for (unsigned i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(0xa5 ^ (i * 37) ^ (number * 101));
    return bytes;
}

static void the_empty_secret_is_valid_everywhere(void **state)
{
    struct store_secret empty = {0};
    struct store_secret other = {0};
    unsigned char *bytes = (unsigned char *)"";

    (void)state;
    store_secret_wipe(&empty);
    store_secret_share(&other, &empty);
    store_secret_slice(&other, &empty, 0, 0);
    store_secret_move(&other, &empty);
    assert_int_equal(store_secret_set(&other, NULL, 0), STORE_OK);
    assert_int_equal(store_secret_append(&other, NULL, 0), STORE_OK);
    assert_int_equal(store_secret_resize(&other, 0, &bytes), STORE_OK);
    assert_true(store_secret_equal(&other, "", 0));
    assert_false(store_secret_equal(&other, "x", 1));
    assert_null(other.data);
    assert_null(other.block);
    store_wipe(NULL, 0);
}

static void set_replaces_and_may_take_from_itself(void **state)
{
    AUTO_SECRET s = {0};

    (void)state;
    assert_int_equal(store_secret_set(&s, "0123456789", 10), STORE_OK);
    assert_int_equal(store_secret_set(&s, s.data + 4, 3), STORE_OK);
    assert_true(store_secret_equal(&s, "456", 3));
    assert_false(store_secret_equal(&s, "457", 3));
    assert_false(store_secret_equal(&s, "45", 2));
    assert_int_equal(store_secret_set(&s, NULL, 0), STORE_OK);
    assert_null(s.data);
}

static void append_may_take_from_itself(void **state)
{
    AUTO_SECRET s = {0};

    (void)state;
    assert_int_equal(store_secret_set(&s, "ab", 2), STORE_OK);
    for (size_t len = 2; len < 4096; len *= 2)
        assert_int_equal(store_secret_append(&s, s.data, s.len), STORE_OK);
    assert_int_equal(s.len, 4096);
    for (size_t i = 0; i < s.len; i++)
        assert_int_equal(s.data[i], i % 2 == 0 ? 'a' : 'b');
}

static void impossible_sizes_are_refused_and_change_nothing(void **state)
{
    AUTO_SECRET s = {0};
    unsigned char *bytes;

    (void)state;
    assert_int_equal(store_secret_set(&s, "kept", 4), STORE_OK);
    assert_int_equal(store_secret_append(&s, "x", SIZE_MAX), STORE_NO_MEMORY);
    assert_int_equal(store_secret_append(&s, "x", SIZE_MAX - 4), STORE_NO_MEMORY);
    assert_int_equal(store_secret_set(&s, "x", SIZE_MAX / 2), STORE_NO_MEMORY);
    assert_int_equal(store_secret_resize(&s, SIZE_MAX, &bytes), STORE_NO_MEMORY);
    assert_int_equal(store_secret_resize(&s, SIZE_MAX / 4, &bytes), STORE_NO_MEMORY);
    assert_true(store_secret_equal(&s, "kept", 4));
}

static void sharing_keeps_the_bytes_until_the_last_goes(void **state)
{
    AUTO_SECRET first = {0};
    AUTO_SECRET second = {0};
    AUTO_SECRET part = {0};

    (void)state;
    assert_int_equal(store_secret_set(&first, "0123456789", 10), STORE_OK);
    store_secret_share(&second, &first);
    store_secret_slice(&part, &second, 3, 4);
    assert_ptr_equal(second.data, first.data);
    assert_ptr_equal(part.data, first.data + 3);
    store_secret_wipe(&first);
    assert_true(store_secret_equal(&second, "0123456789", 10));
    store_secret_wipe(&second);
    assert_true(store_secret_equal(&part, "3456", 4));
}

static void a_shared_block_is_left_alone(void **state)
{
    AUTO_SECRET whole = {0};
    AUTO_SECRET part = {0};
    unsigned char *bytes;

    (void)state;
    assert_int_equal(store_secret_set(&whole, "0123456789", 10), STORE_OK);
    store_secret_slice(&part, &whole, 0, 4);
    assert_int_equal(store_secret_append(&part, "XY", 2), STORE_OK);
    assert_true(store_secret_equal(&part, "0123XY", 6));
    assert_true(store_secret_equal(&whole, "0123456789", 10));
    store_secret_share(&part, &whole);
    assert_int_equal(store_secret_resize(&part, 10, &bytes), STORE_OK);
    memset(bytes, 'z', 10);
    assert_true(store_secret_equal(&whole, "0123456789", 10));
    assert_true(store_secret_equal(&part, "zzzzzzzzzz", 10));
}

static void a_slice_that_outlives_the_rest_may_grow(void **state)
{
    AUTO_SECRET part = {0};
    unsigned char *bytes;

    (void)state;
    {
        AUTO_SECRET whole = {0};
        assert_int_equal(store_secret_set(&whole, "0123456789", 10), STORE_OK);
        store_secret_slice(&part, &whole, 2, 4);
    }
    assert_int_equal(store_secret_resize(&part, 10, &bytes), STORE_OK);
    assert_true(store_secret_equal(&part, "2345\0\0\0\0\0\0", 10));
    for (int i = 0; i < 100; i++)
        assert_int_equal(store_secret_append(&part, "abcdefghij", 10), STORE_OK);
    assert_int_equal(part.len, 1010);
    assert_memory_equal(part.data + 8, "\0\0abcdefghij", 12);
}

static void share_with_itself_keeps_it(void **state)
{
    AUTO_SECRET s = {0};

    (void)state;
    assert_int_equal(store_secret_set(&s, "0123456789", 10), STORE_OK);
    store_secret_share(&s, &s);
    store_secret_slice(&s, &s, 2, 3);
    assert_true(store_secret_equal(&s, "234", 3));
}

static void move_hands_over(void **state)
{
    AUTO_SECRET from = {0};
    AUTO_SECRET to = {0};

    (void)state;
    assert_int_equal(store_secret_set(&from, "new", 3), STORE_OK);
    assert_int_equal(store_secret_set(&to, "old", 3), STORE_OK);
    store_secret_move(&to, &from);
    assert_true(store_secret_equal(&to, "new", 3));
    assert_null(from.data);
    assert_null(from.block);
}

static void resize_keeps_the_fitting_part_and_zeroes_the_rest(void **state)
{
    AUTO_SECRET s = {0};
    unsigned char *bytes;

    (void)state;
    assert_int_equal(store_secret_resize(&s, 4, &bytes), STORE_OK);
    memcpy(bytes, "abcd", 4);
    assert_int_equal(store_secret_resize(&s, 2, &bytes), STORE_OK);
    assert_int_equal(store_secret_resize(&s, 4, &bytes), STORE_OK);
    assert_true(store_secret_equal(&s, "ab\0\0", 4));
    assert_int_equal(store_secret_resize(&s, 100000, &bytes), STORE_OK);
    assert_memory_equal(s.data, "ab\0\0", 4);
    for (size_t i = 2; i < s.len; i++)
        assert_int_equal(s.data[i], 0);
    bytes[99999] = 1;
    assert_int_equal(s.data[99999], 1);
}

static void memory_is_kept_from_dumps_and_children(void **state)
{
    AUTO_SECRET small = {0};
    AUTO_SECRET large = {0};
    unsigned char *bytes;
    struct mappings seen;

    (void)state;
    assert_int_equal(store_secret_set(&small, marker(1), 16), STORE_OK);
    assert_int_equal(store_secret_resize(&large, 300000, &bytes), STORE_OK);
    memcpy(bytes + 299000, marker(1), 16);
    seen = secret_mappings(marker(1), 16);
    assert_int_equal(seen.found, 2);
    assert_int_equal(seen.undumpable, seen.count);
}

static void growth_leaves_nothing_behind(void **state)
{
    AUTO_SECRET s = {0};

    (void)state;
    assert_int_equal(store_secret_set(&s, marker(2), 16), STORE_OK);
    for (int i = 0; i < 30000; i++)
        assert_int_equal(store_secret_append(&s, "padding", 7), STORE_OK);
    assert_memory_equal(s.data, marker(2), 16);
    assert_int_equal(secret_mappings(marker(2), 16).found, 1);
}

static void wiping_zeroes_the_memory(void **state)
{
    static const size_t sizes[] = {1, 16, 88, 89, 200, 1000, 4000};
    struct store_secret s = {0};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        unsigned char *bytes;
        assert_int_equal(store_secret_resize(&s, sizes[i], &bytes), STORE_OK);
        memset(bytes, 0xee, sizes[i]);
        store_secret_wipe(&s);
        for (size_t at = 0; at < sizes[i]; at++)
            assert_int_equal(bytes[at], 0); /* still mapped, as part of the pool */
    }
}

static void shrinking_wipes_the_cut_part(void **state)
{
    AUTO_SECRET s = {0};
    unsigned char *bytes;

    (void)state;
    assert_int_equal(store_secret_set(&s, "0123456789abcdef", 16), STORE_OK);
    assert_int_equal(store_secret_append(&s, marker(3), 16), STORE_OK);
    assert_int_equal(store_secret_resize(&s, 16, &bytes), STORE_OK);
    assert_int_equal(secret_mappings(marker(3), 16).found, 0);
}

static void a_wiped_value_is_nowhere_however_it_was_passed_on(void **state)
{
    struct store_secret s = {0};
    struct store_secret parts[3] = {{0}};

    (void)state;
    for (int i = 0; i < 200; i++)
        assert_int_equal(store_secret_append(&s, marker(4), 16), STORE_OK);
    store_secret_slice(&parts[0], &s, 0, 100);
    store_secret_slice(&parts[1], &s, 16, 1000);
    store_secret_share(&parts[2], &parts[1]);
    assert_int_equal(store_secret_append(&parts[1], marker(4), 16), STORE_OK);
    store_secret_move(&parts[0], &parts[2]);
    store_secret_wipe(&s);
    store_secret_wipe(&parts[0]);
    assert_true(secret_mappings(marker(4), 16).found > 0);
    store_secret_wipe(&parts[1]);
    assert_int_equal(secret_mappings(marker(4), 16).found, 0);
}

static void trim_unmaps_unused_pages(void **state)
{
    struct store_secret many[500] = {{0}};
    size_t before;

    (void)state;
    for (size_t i = 0; i < 500; i++)
        assert_int_equal(store_secret_set(&many[i], "0123456789", 1 + i % 10), STORE_OK);
    before = secret_mappings(NULL, 0).size;
    store_secret_trim(); /* nothing to free, and nothing is harmed */
    assert_int_equal(secret_mappings(NULL, 0).size, before);
    for (size_t i = 0; i < 499; i++)
        store_secret_wipe(&many[i]);
    store_secret_trim();
    assert_true(store_secret_equal(&many[499], "0123456789", 10));
    assert_int_equal(store_secret_set(&many[0], "again", 5), STORE_OK);
    store_secret_wipe(&many[0]);
    store_secret_wipe(&many[499]);
    store_secret_trim();
    assert_int_equal(secret_mappings(NULL, 0).count, 0);
}

/* The checks of a forked child on its parent's secrets; 0 if all pass. */
static int use_in_child(struct store_secret *small, struct store_secret *part,
                        struct store_secret *large)
{
    struct store_secret own = {0};
    struct store_secret shared = {0};

    alarm(20); /* rather than hang on a lock of the parent's */
    for (size_t i = 0; i < small->len; i++)
        if (small->data[i] != 0)
            return 1;
    for (size_t i = 0; i < large->len; i++)
        if (large->data[i] != 0)
            return 2;
    store_secret_share(&shared, part);
    if (store_secret_append(part, "more", 4) != STORE_OK || part->len != 7)
        return 3;
    for (int i = 0; i < 2000; i++)
        if (store_secret_append(&own, "0123456789", 10) != STORE_OK)
            return 4;
    if (memcmp(own.data + 19990, "0123456789", 10) != 0)
        return 5;
    store_secret_wipe(&shared);
    store_secret_wipe(part);
    store_secret_wipe(small);
    store_secret_wipe(large);
    store_secret_wipe(&own);
    store_secret_trim();
    return 0;
}

static void a_forked_child_sees_zeros_and_has_its_own(void **state)
{
    AUTO_SECRET small = {0};
    AUTO_SECRET part = {0};
    AUTO_SECRET large = {0};
    unsigned char *bytes;
    pid_t child;
    int status;

    (void)state;
    assert_int_equal(store_secret_set(&small, marker(5), 16), STORE_OK);
    store_secret_slice(&part, &small, 10, 3);
    store_secret_slice(&part, &part, 0, 3);
    assert_int_equal(store_secret_resize(&large, 200000, &bytes), STORE_OK);
    memset(bytes, 1, 200000);
    child = fork();
    if (child == 0)
        _exit(use_in_child(&small, &part, &large));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_true(store_secret_equal(&small, marker(5), 16));
    assert_int_equal(large.data[199999], 1);
}

#define THREADS 8
#define ROUNDS 3000

static _Atomic int failures;
static struct store_secret common; /* shared by all threads, changed by none */

static bool filled_with(const struct store_secret *s, unsigned char byte)
{
    for (size_t i = 0; i < s->len; i++)
        if (s->data[i] != byte)
            return false;
    return true;
}

static void *use_many(void *arg)
{
    unsigned char byte = *(unsigned char *)arg;
    unsigned random = byte;

    for (int round = 0; round < ROUNDS; round++) {
        AUTO_SECRET mine = {0};
        AUTO_SECRET part = {0};
        AUTO_SECRET theirs = {0};
        unsigned char *bytes;

        random = random * 1103515245 + 12345;
        size_t size = 1 + (random >> 16) % 6000;
        if (store_secret_resize(&mine, size, &bytes) != STORE_OK)
            failures++;
        if (!filled_with(&mine, 0))
            failures++;
        memset(bytes, byte, size);
        store_secret_slice(&part, &mine, size / 2, size - size / 2);
        store_secret_share(&theirs, &common);
        if (store_secret_append(&part, bytes, size) != STORE_OK || !filled_with(&part, byte) ||
            !filled_with(&mine, byte) || !filled_with(&theirs, 'c'))
            failures++;
    }
    return NULL;
}

static void eight_threads_do_not_meet(void **state)
{
    pthread_t threads[THREADS];
    unsigned char bytes[THREADS];
    unsigned char *fill;

    (void)state;
    failures = 0;
    assert_int_equal(store_secret_resize(&common, 100, &fill), STORE_OK);
    memset(fill, 'c', 100);
    for (int i = 0; i < THREADS; i++) {
        bytes[i] = (unsigned char)(i + 1);
        assert_int_equal(pthread_create(&threads[i], NULL, use_many, &bytes[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    store_secret_wipe(&common);
    assert_int_equal(failures, 0);
}

#define clean(test) cmocka_unit_test_setup_teardown(test, trim, nothing_is_left)

int main(void)
{
    const struct CMUnitTest tests[] = {
        clean(the_empty_secret_is_valid_everywhere),
        clean(set_replaces_and_may_take_from_itself),
        clean(append_may_take_from_itself),
        clean(impossible_sizes_are_refused_and_change_nothing),
        clean(sharing_keeps_the_bytes_until_the_last_goes),
        clean(a_shared_block_is_left_alone),
        clean(a_slice_that_outlives_the_rest_may_grow),
        clean(share_with_itself_keeps_it),
        clean(move_hands_over),
        clean(resize_keeps_the_fitting_part_and_zeroes_the_rest),
        clean(memory_is_kept_from_dumps_and_children),
        clean(growth_leaves_nothing_behind),
        clean(wiping_zeroes_the_memory),
        clean(shrinking_wipes_the_cut_part),
        clean(a_wiped_value_is_nowhere_however_it_was_passed_on),
        clean(trim_unmaps_unused_pages),
        clean(a_forked_child_sees_zeros_and_has_its_own),
        clean(eight_threads_do_not_meet),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
