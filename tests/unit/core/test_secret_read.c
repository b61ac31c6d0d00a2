/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/secret.h"

#define STEP ((size_t)16 * 1024)

/* A file of `len` bytes, open at its start. */
static FILE *file_of(size_t len)
{
    FILE *file = tmpfile();

    assert_non_null(file);
    for (size_t i = 0; i < len; i++)
        assert_true(putc((int)('a' + i % 26), file) != EOF);
    rewind(file);
    return file;
}

static void all_of_a_file_is_read(void **state)
{
    static const size_t sizes[] = {0, 1, STEP - 1, STEP, STEP + 1, 5 * STEP + 7};
    AUTO_SECRET secret = {0};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        FILE *file = file_of(sizes[i]);
        assert_int_equal(store_secret_read(&secret, fileno(file), sizes[i]), STORE_OK);
        assert_int_equal(secret.len, sizes[i]);
        for (size_t at = 0; at < sizes[i]; at++)
            assert_int_equal(secret.data[at], 'a' + at % 26);
        fclose(file);
    }
}

static void more_than_allowed_is_an_error_without_a_part(void **state)
{
    AUTO_SECRET secret = {0};
    FILE *file = file_of(STEP + 1);

    (void)state;
    assert_int_equal(store_secret_set(&secret, "old", 3), STORE_OK);
    assert_int_equal(store_secret_read(&secret, fileno(file), STEP), STORE_TOO_BIG);
    assert_int_equal(secret.len, 0);
    fclose(file);
}

static void bytes_in_pieces_are_put_together(void **state)
{
    AUTO_SECRET secret = {0};
    int ends[2];

    (void)state;
    assert_int_equal(pipe2(ends, O_DIRECT), 0); /* one read gives the bytes of one write */
    assert_int_equal(write(ends[1], "one ", 4), 4);
    assert_int_equal(write(ends[1], "two", 3), 3);
    close(ends[1]);
    assert_int_equal(store_secret_read(&secret, ends[0], 100), STORE_OK);
    assert_true(store_secret_equal(&secret, "one two", 7));
    close(ends[0]);
}

static void a_failed_read_keeps_errno(void **state)
{
    AUTO_SECRET secret = {0};

    (void)state;
    assert_int_equal(store_secret_read(&secret, -1, 100), STORE_FAILED);
    assert_int_equal(errno, EBADF);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_of_a_file_is_read),
        cmocka_unit_test(more_than_allowed_is_an_error_without_a_part),
        cmocka_unit_test(bytes_in_pieces_are_put_together),
        cmocka_unit_test(a_failed_read_keeps_errno),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
