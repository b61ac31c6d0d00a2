/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "store/remote/frame.h"

/* The body of the frame that `out` holds. */
static void body_of(struct frame_out *out, struct store_secret *body)
{
    size_t len;
    uint8_t type;

    assert_int_equal(frame_end(out), STORE_OK);
    assert_true(frame_header(out->bytes.data, &len, &type));
    assert_int_equal(type, FRAME_READ);
    assert_int_equal(len, out->bytes.len - FRAME_HEADER);
    store_secret_slice(body, &out->bytes, FRAME_HEADER, len);
}

static void the_decoder_returns_the_encoded_values(void **state)
{
    AUTO_FRAME_OUT out = {0};
    AUTO_SECRET body = {0};
    struct frame_in in = {.body = &body};
    char text[16];

    (void)state;
    frame_begin(&out, FRAME_READ);
    frame_put_u8(&out, 200);
    frame_put_u32(&out, 0x89abcdef);
    frame_put_u64(&out, UINT64_C(0xfedcba9876543210));
    frame_put_text(&out, "text");
    frame_put_err(&out, STORE_FAILED);
    frame_put_u8(&out, 1);
    body_of(&out, &body);
    assert_int_equal(frame_get_u8(&in), 200);
    assert_int_equal(frame_get_u32(&in), 0x89abcdef);
    assert_true(frame_get_u64(&in) == UINT64_C(0xfedcba9876543210));
    frame_get_text(&in, text, sizeof text);
    assert_string_equal(text, "text");
    assert_int_equal(frame_get_err(&in), STORE_FAILED);
    assert_true(frame_get_flag(&in));
    assert_true(frame_done(&in));
}

static void a_record_comes_out_without_a_copy_of_its_value(void **state)
{
    AUTO_RECORD record = {.created_ns = 5, .updated_ns = 6, .version = "v1", .stale = true};
    AUTO_RECORD found = {0};
    AUTO_FRAME_OUT out = {0};
    AUTO_SECRET body = {0};
    struct frame_in in = {.body = &body};

    (void)state;
    assert_int_equal(store_secret_set(&record.value, "a\0b", 3), STORE_OK);
    frame_begin(&out, FRAME_READ);
    frame_put_record(&out, &record);
    body_of(&out, &body);
    frame_get_record(&in, &found);
    assert_true(frame_done(&in));
    assert_true(store_secret_equal(&found.value, "a\0b", 3));
    assert_ptr_equal(found.value.block, body.block);
    assert_true(found.created_ns == 5 && found.updated_ns == 6 && found.stale);
    assert_string_equal(found.version, "v1");
}

/* Decodes `len` bytes by `get`; true if that was a mistake. */
static bool is_bad(const void *bytes, size_t len, void (*get)(struct frame_in *))
{
    AUTO_SECRET body = {0};
    struct frame_in in = {.body = &body};

    assert_int_equal(store_secret_set(&body, bytes, len), STORE_OK);
    get(&in);
    return !frame_done(&in);
}

static void get_u32(struct frame_in *in)
{
    frame_get_u32(in);
}

static void get_flag(struct frame_in *in)
{
    frame_get_flag(in);
}

static void get_err(struct frame_in *in)
{
    frame_get_err(in);
}

static void get_text(struct frame_in *in)
{
    char text[4];

    frame_get_text(in, text, sizeof text);
}

static void get_key(struct frame_in *in)
{
    char key[STORE_KEY_MAX + 1];

    frame_get_key(in, key);
}

static void get_secret(struct frame_in *in)
{
    AUTO_SECRET secret = {0};

    frame_get_secret(in, &secret, 3);
}

static void an_invalid_field_is_a_mistake(void **state)
{
    (void)state;
    assert_false(is_bad("\0\0\0\0", 4, get_u32));
    assert_true(is_bad("\0\0\0", 3, get_u32));
    assert_true(is_bad("\0\0\0\0\0", 5, get_u32)); /* something is left */
    assert_false(is_bad("\1", 1, get_flag));
    assert_true(is_bad("\2", 1, get_flag));
    assert_false(is_bad("\x14", 1, get_err));
    assert_true(is_bad("\x7f", 1, get_err));
    assert_true(is_bad("\xff", 1, get_err));
    assert_false(is_bad("\3\0\0\0abc", 7, get_text));
    assert_true(is_bad("\4\0\0\0abcd", 8, get_text));     /* too long */
    assert_true(is_bad("\3\0\0\0a\0c", 7, get_text));     /* a NUL */
    assert_true(is_bad("\3\0\0\0ab", 6, get_text));       /* cut off */
    assert_true(is_bad("\xff\xff\xff\xff", 4, get_text)); /* longer than anything */
    assert_false(is_bad("\x8\0\0\0global/a", 12, get_key));
    assert_true(is_bad("\x6\0\0\0global", 10, get_key));
    assert_false(is_bad("\3\0\0\0abc", 7, get_secret));
    assert_true(is_bad("\4\0\0\0abcd", 8, get_secret));
}

static enum store_err versions_pass(const struct store_versions *versions,
                                    struct store_versions *found, bool *bad)
{
    AUTO_FRAME_OUT out = {0};
    AUTO_SECRET body = {0};
    struct frame_in in = {.body = &body};
    enum store_err err;

    frame_begin(&out, FRAME_READ);
    frame_put_versions(&out, versions);
    body_of(&out, &body);
    err = frame_get_versions(&in, found);
    *bad = !frame_done(&in);
    return err;
}

static void versions_come_out_as_they_went_in(void **state)
{
    struct store_version all[] = {
        {.id = "b", .number = 2, .state = STORE_VERSION_DELETED, .created_ns = 5, .until_ns = 9},
        {.id = "a", .number = 1, .state = STORE_VERSION_DESTROYED},
    };
    const struct store_versions versions = {.all = all, .count = 2, .destroyed_by_remove = true};
    AUTO_VERSIONS found = {0};
    bool bad;

    (void)state;
    assert_int_equal(versions_pass(&versions, &found, &bad), STORE_OK);
    assert_false(bad);
    assert_int_equal(found.count, 2);
    assert_true(found.destroyed_by_remove);
    assert_string_equal(found.all[0].id, "b");
    assert_int_equal(found.all[0].number, 2);
    assert_int_equal(found.all[0].state, STORE_VERSION_DELETED);
    assert_true(found.all[0].created_ns == 5 && found.all[0].until_ns == 9);
    assert_int_equal(found.all[1].state, STORE_VERSION_DESTROYED);
}

static void invalid_versions_are_a_mistake(void **state)
{
    struct store_version all[STORE_VERSIONS_MAX + 1] = {{.id = "a", .number = 1}};
    const struct store_versions one = {.all = all, .count = 1};
    const struct store_versions many = {.all = all, .count = STORE_VERSIONS_MAX + 1};
    AUTO_VERSIONS found = {0};
    bool bad;

    (void)state;
    assert_int_equal(versions_pass(&many, &found, &bad), STORE_OK); /* the rest is left out */
    assert_false(bad);
    assert_int_equal(found.count, STORE_VERSIONS_MAX);
    all[0].created_ns = -1;
    assert_int_equal(versions_pass(&one, &found, &bad), STORE_OK);
    assert_true(bad);
    all[0] = (struct store_version){.id = "a", .state = STORE_VERSION_DESTROYED + 1};
    assert_int_equal(versions_pass(&one, &found, &bad), STORE_OK);
    assert_true(bad);
}

static void a_header_that_announces_too_much_is_refused(void **state)
{
    const unsigned char header[FRAME_HEADER] = {0, 0, 0x12, 0, 1};
    size_t len;
    uint8_t type;

    (void)state;
    assert_false(frame_header(header, &len, &type));
}

static void a_frame_that_is_too_big_leaves_the_ones_before_it(void **state)
{
    static const unsigned char bytes[FRAME_VALUE_MAX];
    AUTO_FRAME_OUT out = {0};
    size_t before;

    (void)state;
    frame_begin(&out, FRAME_READ);
    assert_int_equal(frame_end(&out), STORE_OK);
    before = out.bytes.len;
    frame_begin(&out, FRAME_READ);
    frame_put_bytes(&out, bytes, sizeof bytes);
    frame_put_bytes(&out, bytes, sizeof bytes);
    assert_int_equal(frame_end(&out), STORE_TOO_BIG);
    assert_int_equal(out.bytes.len, before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_decoder_returns_the_encoded_values),
        cmocka_unit_test(a_record_comes_out_without_a_copy_of_its_value),
        cmocka_unit_test(an_invalid_field_is_a_mistake),
        cmocka_unit_test(versions_come_out_as_they_went_in),
        cmocka_unit_test(invalid_versions_are_a_mistake),
        cmocka_unit_test(a_header_that_announces_too_much_is_refused),
        cmocka_unit_test(a_frame_that_is_too_big_leaves_the_ones_before_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
