/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/core/json_check.h"

#include <stdlib.h>

static struct json_document *parse_bytes(const char *text, size_t len)
{
    AUTO_SECRET secret = {0};
    struct json_document *document = NULL;

    assert_int_equal(store_secret_set(&secret, text, len), STORE_OK);
    assert_int_equal(json_read(&document, &secret, NULL), STORE_OK);
    return document;
}

static struct json_document *parse(const char *text)
{
    return parse_bytes(text, strlen(text));
}

static void assert_refused(const char *text, size_t len, enum store_err err, size_t where)
{
    AUTO_SECRET secret = {0};
    struct json_document *document = NULL;
    size_t at = 0;

    assert_int_equal(store_secret_set(&secret, text, len), STORE_OK);
    assert_int_equal(json_read(&document, &secret, &at), err);
    assert_null(document);
    if (where != SIZE_MAX)
        assert_int_equal(at, where);
}

static void read_walks_the_whole_text(void **state)
{
    AUTO_JSON doc =
        parse(" { \"data\" : {\"keys\":[\"a\", \"b/\" ,\n\"c\"], \"n\":-1.50e1,\"t\":true},"
              "\"e\":{}, \"z\":null , \"l\":[ ] } \n");
    struct json_value root = json_root(doc);
    struct json_value keys = json_path(root, "data", "keys", NULL);
    struct json_value v = json_first(keys);
    bool flag = false;

    (void)state;
    assert_int_equal(json_type(root), JSON_OBJECT);
    assert_int_equal(json_count(root), 4);
    assert_int_equal(json_count(keys), 3);
    assert_true(json_is(v, "a"));
    v = json_next(v);
    assert_true(json_is(v, "b/"));
    v = json_next(v);
    assert_true(json_is(v, "c"));
    assert_int_equal(json_type(json_next(v)), JSON_ABSENT);
    assert_raw(keys, "[\"a\", \"b/\" ,\n\"c\"]");
    assert_raw(json_path(root, "data", "n", NULL), "-1.50e1");
    assert_raw(json_member(root, "e"), "{}");
    assert_raw(json_member(root, "z"), "null");
    assert_raw(json_member(root, "l"), "[ ]");
    assert_int_equal(json_type(json_first(json_member(root, "e"))), JSON_ABSENT);
    assert_int_equal(json_type(json_member(root, "nothing")), JSON_ABSENT);
    assert_int_equal(json_type(json_path(root, "e", "f", "g", NULL)), JSON_ABSENT);
    assert_int_equal(json_flag(json_path(root, "data", "t", NULL), &flag), STORE_OK);
    assert_true(flag);
    assert_true(json_key_is(json_first(root), "data"));
    assert_false(json_key_is(json_first(keys), "data"));
}

static void read_takes_a_scalar_at_the_top(void **state)
{
    static const char *const texts[] = {"12", " 12 ", "true\n", "null", "\"x\"", " -0.5\t", "[]\n"};
    static const char *const raws[] = {"12", "12", "true", "null", "\"x\"", "-0.5", "[]"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        AUTO_JSON doc = parse(texts[i]);
        assert_raw(json_root(doc), raws[i]);
    }
}

static void read_refuses_a_text_that_is_not_json(void **state)
{
    static const char *const bad[] = {
        "",           " ",     "{",        "}",        "{\"a\"}",        "{\"a\":}",
        "[1,]",       "{a:1}", "'a'",      "\"a",      "\"\n\"",         "01",
        "1.",         "tru",   "[1 2]",    "\"\\x\"",  "\"\\u12\"",      "{} {}",
        "{\"a\":1,}", "nan",   "[1]]",     "// c\n1",  "{}\xef\xbb\xbf", "-",
        "[\v1]",      "\f{}",  "{} \"",    "{} \"abc", "[] tru",         "1 2",
        "1 \"",       "{} 1",  "null nul", "2\"x",     "[1] -",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_refused(bad[i], strlen(bad[i]), STORE_CORRUPT, SIZE_MAX);
    assert_refused("[\"\xed\xa0\x80\"]", 7, STORE_CORRUPT, 2);
    assert_refused("[\"ab\xc0\x80\"]", 8, STORE_CORRUPT, 4);
    assert_refused("[1]\0", 4, STORE_CORRUPT, SIZE_MAX);
}

static void a_byte_order_mark_is_skipped(void **state)
{
    AUTO_JSON doc = parse("\xef\xbb\xbf {\"a\": 1}");
    AUTO_JSON string = parse("\xef\xbb\xbf\"\xef\xbb\xbf\"");
    struct json_span span = json_span(json_member(json_root(doc), "a"));

    (void)state;
    assert_int_equal(span.start, 7);
    assert_memory_equal(json_text_of(doc)->data + span.start, "1", 1);
    assert_raw(json_root(string), "\"\xef\xbb\xbf\"");
    assert_refused("\xef\xbb\xbf", 3, STORE_CORRUPT, 3);
    assert_refused("\xef\xbb\xbf\xef\xbb\xbf{}", 8, STORE_CORRUPT, SIZE_MAX);
    assert_refused("\xef\xbb\xbf{x}", 6, STORE_CORRUPT, SIZE_MAX);
}

static void the_first_byte_that_cannot_be_is_told(void **state)
{
    static const struct {
        const char *text;
        size_t where;
    } bad[] = {
        {"[1,\v2]", 3},
        {"[1\f]", 2},
        {"{\"a\"\f:1}", 4},
        {"{\"a\":1\v}", 6},
        {"[\v]", 1},
        {"[1 \v x]", 3},
        {"[1]\v", 3},
        {"[\"a\vb\"]", 3},
        {"{\"a\":1 \v", 7},
        {" \v", 1},
        {"\v\xff", 0},
        {"[1 \v\"\xff\"]", 3},
        {"[1, \"a\xff\"]", 6},
        {"[1", 2},
        {"{\"a\":[1, 2", 10},
        {"[1   ", 5},
        {"\"a", 2},
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_refused(bad[i].text, strlen(bad[i].text), STORE_CORRUPT, bad[i].where);
}

static void read_refuses_too_much_depth(void **state)
{
    char text[2 * (JSON_DEPTH_MAX + 1)];

    (void)state;
    memset(text, '[', JSON_DEPTH_MAX);
    memset(text + JSON_DEPTH_MAX, ']', JSON_DEPTH_MAX);
    json_free(parse_bytes(text, 2 * JSON_DEPTH_MAX));
    memset(text, '[', JSON_DEPTH_MAX + 1);
    memset(text + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
    assert_refused(text, sizeof text, STORE_TOO_BIG, SIZE_MAX);
}

static void string_without_escapes_is_a_slice(void **state)
{
    AUTO_SECRET text = {0};
    AUTO_SECRET value = {0};
    AUTO_JSON doc = NULL;

    (void)state;
    assert_int_equal(store_secret_set(&text, "{\"v\":\"sesame\"}", 14), STORE_OK);
    assert_int_equal(json_read(&doc, &text, NULL), STORE_OK);
    assert_int_equal(json_bytes(json_member(json_root(doc), "v"), &value), STORE_OK);
    assert_true(store_secret_equal(&value, "sesame", 6));
    assert_ptr_equal(value.data, text.data + 6);
}

static void string_with_escapes_is_decoded(void **state)
{
    static const struct {
        const char *json;
        const char *bytes;
        size_t len;
    } cases[] = {
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t", 8},
        {"\"a\\u0000b\"", "a\0b", 3},
        {"\"\\u00e4\\u20AC\"", "\xc3\xa4\xe2\x82\xac", 5},
        {"\"x\\ud83d\\ude00y\"", "x\xf0\x9f\x98\x80y", 6},
        {"\"\xc3\xa4\\n\"", "\xc3\xa4\n", 3},
        {"\"\"", "", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        AUTO_JSON doc = parse(cases[i].json);
        AUTO_SECRET value = {0};
        assert_int_equal(json_bytes(json_root(doc), &value), STORE_OK);
        assert_true(store_secret_equal(&value, cases[i].bytes, cases[i].len));
    }
}

static void lone_surrogate_is_corrupt(void **state)
{
    static const char *const bad[] = {"\"\\ud800\"",        "\"\\udc00\"",    "\"\\ud800x\"",
                                      "\"\\ud800\\u0041\"", "\"\\ud800\\n\"", "\"\\ud800\\ud800\""};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        AUTO_JSON doc = parse(bad[i]);
        AUTO_SECRET value = {0};
        assert_int_equal(json_bytes(json_root(doc), &value), STORE_CORRUPT);
        assert_int_equal(value.len, 0);
    }
}

static void wrong_types_are_corrupt(void **state)
{
    AUTO_JSON doc = parse("{\"s\":\"1\",\"n\":1,\"o\":{},\"z\":null}");
    struct json_value root = json_root(doc);
    AUTO_SECRET value = {0};
    char text[8];
    int64_t number = 7;
    bool flag;

    (void)state;
    assert_int_equal(json_bytes(json_member(root, "n"), &value), STORE_CORRUPT);
    assert_int_equal(json_bytes(json_member(root, "z"), &value), STORE_CORRUPT);
    assert_int_equal(json_bytes(json_member(root, "x"), &value), STORE_CORRUPT);
    assert_int_equal(json_text(json_member(root, "o"), text, sizeof text), STORE_CORRUPT);
    assert_int_equal(json_whole(json_member(root, "s"), &number), STORE_CORRUPT);
    assert_int_equal(number, 7);
    assert_int_equal(json_flag(json_member(root, "n"), &flag), STORE_CORRUPT);
    assert_int_equal(json_key(root, &value), STORE_CORRUPT);
}

static void a_key_twice_is_a_duplicate(void **state)
{
    AUTO_JSON doc = parse("{\"a\":\"1\",\"b\":{\"c\":1},\"\\u0061\":\"2\"}");
    struct json_value a = json_member(json_root(doc), "a");
    AUTO_SECRET value = {0};

    (void)state;
    assert_int_equal(json_type(a), JSON_DUPLICATE);
    assert_int_equal(json_bytes(a, &value), STORE_CORRUPT);
    assert_int_equal(json_type(json_path(json_root(doc), "b", "c", NULL)), JSON_NUMBER);
}

static void members_are_looked_up_together(void **state)
{
    static const char *const keys[] = {"a", "b", "", "ab"};
    AUTO_JSON doc = parse("{\"b\":1,\"a\":2,\"\":3,\"b\":4,\"c\":5}");
    struct json_value found[4];

    (void)state;
    json_members(json_root(doc), keys, 4, found);
    assert_raw(found[0], "2");
    assert_int_equal(json_type(found[1]), JSON_DUPLICATE);
    assert_raw(found[2], "3");
    assert_int_equal(json_type(found[3]), JSON_ABSENT);
    json_members(found[0], keys, 2, found);
    assert_int_equal(json_type(found[0]), JSON_ABSENT);
    assert_int_equal(json_type(found[1]), JSON_ABSENT);
}

static void strings_that_are_written_alike_are_the_same(void **state)
{
    AUTO_JSON doc =
        parse("{\"a\":\"x\",\"b\":\"x\",\"c\":\"y\",\"d\":\"xy\",\"e\":\"\\u0078\",\"f\":1,"
              "\"g\":1,\"h\":\"x\",\"h\":\"x\"}");
    struct json_value root = json_root(doc);
    struct json_value a = json_member(root, "a");

    (void)state;
    assert_true(json_same(a, json_member(root, "b")));
    assert_false(json_same(a, json_member(root, "c")));
    assert_false(json_same(a, json_member(root, "d")));
    assert_false(json_same(a, json_member(root, "e")));
    assert_false(json_same(json_member(root, "f"), json_member(root, "g")));
    assert_false(json_same(a, json_member(root, "h")));
    assert_false(json_same(a, json_member(root, "no")));
}

static void text_must_fit_and_not_contain_nul(void **state)
{
    AUTO_JSON doc = parse("[\"abc\",\"a\\u0000\",\"\\u20ac\"]");
    struct json_value v = json_first(json_root(doc));
    char text[4];

    (void)state;
    assert_int_equal(json_text(v, text, 3), STORE_CORRUPT);
    assert_int_equal(json_text(v, text, 4), STORE_OK);
    assert_string_equal(text, "abc");
    v = json_next(v);
    assert_int_equal(json_text(v, text, 4), STORE_CORRUPT);
    v = json_next(v);
    assert_int_equal(json_text(v, text, 3), STORE_CORRUPT);
    assert_int_equal(json_text(v, text, 4), STORE_OK);
    assert_string_equal(text, "\xe2\x82\xac");
}

static void numbers_are_exact(void **state)
{
    static const struct {
        const char *json;
        enum store_err err;
        int64_t whole;
        enum store_err seconds_err;
        int64_t ns;
    } cases[] = {
        {"0", STORE_OK, 0, STORE_OK, 0},
        {"-12", STORE_OK, -12, STORE_OK, -12000000000},
        {"12.0", STORE_OK, 12, STORE_OK, 12000000000},
        {"1.2e1", STORE_OK, 12, STORE_OK, 12000000000},
        {"1200E-2", STORE_OK, 12, STORE_OK, 12000000000},
        {"1.5", STORE_CORRUPT, 0, STORE_OK, 1500000000},
        {"1523477145.713", STORE_CORRUPT, 0, STORE_OK, 1523477145713000000},
        {"1.523477145713E9", STORE_CORRUPT, 0, STORE_OK, 1523477145713000000},
        {"0.1234567899", STORE_CORRUPT, 0, STORE_OK, 123456789},
        {"9223372036854775807", STORE_OK, INT64_MAX, STORE_CORRUPT, 0},
        {"-9223372036854775808", STORE_OK, INT64_MIN, STORE_CORRUPT, 0},
        {"9223372036854775808", STORE_CORRUPT, 0, STORE_CORRUPT, 0},
        {"1e400", STORE_CORRUPT, 0, STORE_CORRUPT, 0},
        {"0e999999999999999999999", STORE_OK, 0, STORE_OK, 0},
        {"1e-999999999999999999999", STORE_CORRUPT, 0, STORE_OK, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        AUTO_JSON doc = parse(cases[i].json);
        int64_t number = 0;
        int64_t ns = 0;
        assert_int_equal(json_whole(json_root(doc), &number), cases[i].err);
        assert_int_equal(number, cases[i].whole);
        assert_int_equal(json_seconds(json_root(doc), &ns), cases[i].seconds_err);
        assert_int_equal(ns, cases[i].ns);
    }
}

static void read_accepts_the_output_of_write(void **state)
{
    AUTO_SECRET out = {0};
    AUTO_SECRET raw = {0};
    struct json_writer *w;
    static const char expected[] =
        "{\"v\":\"a\\\"\\\\\\n\\u0000\xc3\xa4/\",\"n\":-5,\"l\":[true,\"\"],"
        "\"r\":{ \"kept\" : 1.0 }}";

    (void)state;
    assert_int_equal(store_secret_set(&raw, "{ \"kept\" : 1.0 }", 16), STORE_OK);
    assert_int_equal(json_write_begin(&w), STORE_OK);
    json_write_object(w);
    json_write_key(w, "v");
    json_write_string(w, "a\"\\\n\0\xc3\xa4/", 8);
    json_write_key(w, "n");
    json_write_integer(w, -5);
    json_write_key_bytes(w, "l", 1);
    json_write_array(w);
    json_write_flag(w, true);
    json_write_text(w, "");
    json_write_array_end(w);
    json_write_key(w, "r");
    json_write_raw(w, &raw);
    json_write_object_end(w);
    assert_int_equal(json_write_end(w, &out), STORE_OK);
    assert_int_equal(out.len, sizeof expected - 1);
    assert_memory_equal(out.data, expected, out.len);
}

static void write_reports_the_first_mistake(void **state)
{
    AUTO_SECRET out = {0};
    struct json_writer *w;

    (void)state;
    assert_int_equal(json_write_begin(&w), STORE_OK);
    json_write_string(w, "\xff", 1);
    assert_int_equal(json_write_end(w, &out), STORE_BAD_VALUE);
    assert_int_equal(json_write_begin(&w), STORE_OK);
    json_write_object(w);
    json_write_integer(w, 1);
    json_write_object_end(w);
    assert_int_equal(json_write_end(w, &out), STORE_BAD_VALUE);
    assert_int_equal(json_write_begin(&w), STORE_OK);
    json_write_array(w);
    json_write_object_end(w);
    assert_int_equal(json_write_end(w, &out), STORE_BAD_VALUE);
    assert_int_equal(json_write_begin(&w), STORE_OK);
    assert_int_equal(json_write_end(w, &out), STORE_BAD_VALUE);
    assert_int_equal(json_write_begin(&w), STORE_OK);
    json_write_integer(w, 1);
    json_write_integer(w, 2);
    assert_int_equal(json_write_end(w, &out), STORE_BAD_VALUE);
    assert_int_equal(json_write_begin(&w), STORE_OK);
    for (int i = 0; i < 3 * JSON_DEPTH_MAX; i++)
        json_write_array(w);
    assert_int_equal(json_write_end(w, &out), STORE_TOO_BIG);
    assert_int_equal(out.len, 0);
    assert_int_equal(json_write_begin(&w), STORE_OK);
    json_write_drop(w);
}

static void a_string_is_appended_in_quotes(void **state)
{
    AUTO_SECRET text = {0};

    (void)state;
    assert_int_equal(store_secret_set(&text, "[", 1), STORE_OK);
    assert_int_equal(json_append_string(&text, "a\"b\\", 4), STORE_OK);
    assert_int_equal(json_append_string(&text, "", 0), STORE_OK);
    assert_int_equal(json_append_string(&text, "\xff", 1), STORE_BAD_VALUE);
    assert_true(store_secret_equal(&text, "[\"a\\\"b\\\\\"\"\"", 11));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read_walks_the_whole_text),
        cmocka_unit_test(read_takes_a_scalar_at_the_top),
        cmocka_unit_test(read_refuses_a_text_that_is_not_json),
        cmocka_unit_test(a_byte_order_mark_is_skipped),
        cmocka_unit_test(the_first_byte_that_cannot_be_is_told),
        cmocka_unit_test(read_refuses_too_much_depth),
        cmocka_unit_test(string_without_escapes_is_a_slice),
        cmocka_unit_test(string_with_escapes_is_decoded),
        cmocka_unit_test(lone_surrogate_is_corrupt),
        cmocka_unit_test(wrong_types_are_corrupt),
        cmocka_unit_test(a_key_twice_is_a_duplicate),
        cmocka_unit_test(members_are_looked_up_together),
        cmocka_unit_test(strings_that_are_written_alike_are_the_same),
        cmocka_unit_test(text_must_fit_and_not_contain_nul),
        cmocka_unit_test(numbers_are_exact),
        cmocka_unit_test(read_accepts_the_output_of_write),
        cmocka_unit_test(write_reports_the_first_mistake),
        cmocka_unit_test(a_string_is_appended_in_quotes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
