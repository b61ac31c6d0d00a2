/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/module/check.h"

#include "module/pki/der.h"

/* A string literal with NULs as DER. */
#define DER(text) ((struct der){(const unsigned char *)(text), sizeof(text) - 1})

static void an_element_is_read_and_passed(void **state)
{
    struct der in = DER("\x04\x02hi\x05\x00");
    struct der content;

    (void)state;
    assert_false(der_read(&in, DER_INTEGER, &content));
    assert_true(der_read(&in, DER_OCTET_STRING, &content));
    assert_true(der_equal(content, DER("hi")));
    assert_true(der_element(&in, DER_NULL, &content));
    assert_true(der_equal(content, DER("\x05\x00")));
    assert_int_equal(in.len, 0);
    assert_false(der_skip(&in));
}

static void a_length_in_another_form_than_the_shortest_is_refused(void **state)
{
    static const struct {
        const char *text;
        size_t len;
    } bad[] = {
        {"\x04", 1},
        {"\x04\x01", 2},                     /* longer than the rest */
        {"\x04\x80\x00\x00", 4},             /* indefinite */
        {"\x04\x81\x01x", 4},                /* one byte would do */
        {"\x04\x82\x00\x80", 4},             /* a leading zero */
        {"\x04\x85\x01\x00\x00\x00\x00", 7}, /* more than four bytes */
        {"\x04\x84\xff\xff\xff\xff", 6},
        {"\x1f\x81\x01\x00", 4}, /* a tag of several bytes */
    };

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct der in = {(const unsigned char *)bad[i].text, bad[i].len};
        struct der content;
        assert_false(der_read(&in, in.data[0], &content));
        assert_false(der_skip(&in));
        assert_int_equal(in.len, bad[i].len);
    }
}

static void a_long_length_is_read(void **state)
{
    unsigned char text[3 + 200] = {0x04, 0x81, 200};
    struct der in = {text, sizeof text};
    struct der content;

    (void)state;
    assert_true(der_read(&in, DER_OCTET_STRING, &content));
    assert_int_equal(content.len, 200);
}

static void a_number_is_unsigned_and_minimal(void **state)
{
    struct der good = DER("\x02\x02\x00\x80\x02\x01\x00\x02\x01\x05");
    struct der number;
    struct der bad[] = {DER("\x02\x01\x80"), DER("\x02\x02\x00\x7f"), DER("\x02\x00"),
                        DER("\x04\x01\x05")};

    (void)state;
    assert_true(der_unsigned(&good, &number));
    assert_true(der_equal(number, DER("\x80")));
    assert_true(der_small(&good, 0));
    assert_false(der_small(&good, 4));
    assert_true(der_small(&good, 5));
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(der_unsigned(&bad[i], &number));
}

static void a_bit_string_has_whole_bytes(void **state)
{
    struct der good = DER("\x03\x02\x00\x80");
    struct der odd = DER("\x03\x02\x01\x80");
    struct der empty = DER("\x03\x00");
    struct der bytes;

    (void)state;
    assert_true(der_bits(&good, &bytes));
    assert_true(der_equal(bytes, DER("\x80")));
    assert_false(der_bits(&odd, &bytes));
    assert_false(der_bits(&empty, &bytes));
}

static void a_header_is_what_the_reader_takes(void **state)
{
    static const size_t lens[] = {0, 1, 127, 128, 255, 256, 65535, 65536};
    static unsigned char text[65536 + DER_HEADER_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT(lens); i++) {
        size_t used = der_header(text, DER_SEQUENCE, lens[i]);
        struct der in = {text, used + lens[i]};
        struct der content;
        assert_true(der_read(&in, DER_SEQUENCE, &content));
        assert_int_equal(content.len, lens[i]);
        assert_int_equal(in.len, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_element_is_read_and_passed),
        cmocka_unit_test(a_length_in_another_form_than_the_shortest_is_refused),
        cmocka_unit_test(a_long_length_is_read),
        cmocka_unit_test(a_number_is_unsigned_and_minimal),
        cmocka_unit_test(a_bit_string_has_whole_bytes),
        cmocka_unit_test(a_header_is_what_the_reader_takes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
