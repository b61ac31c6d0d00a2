/* SPDX-License-Identifier: Apache-2.0 */
/* backends/file/: document.c, migrate.c, plan.c and edit.c, none of which touches a disk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "backends/file/edit.h"
#include "store/scope.h"

static struct file_document parse(const char *text)
{
    struct file_document document = {0};
    AUTO_SECRET secret = {0};
    char why[128] = "";
    bool parses;

    assert_int_equal(store_secret_set(&secret, text, strlen(text)), STORE_OK);
    assert_int_equal(file_document_read(&document, &secret, &parses, why), STORE_OK);
    assert_true(parses);
    return document;
}

static enum store_err refused(const char *text, bool *parses, char why[128])
{
    struct file_document document = {0};
    AUTO_SECRET secret = {0};

    assert_int_equal(store_secret_set(&secret, text, strlen(text)), STORE_OK);
    return file_document_read(&document, &secret, parses, why);
}

static void expect_secret(const struct file_document *document, const char *key, const char *value)
{
    AUTO_RECORD record = {0};

    assert_int_equal(
        file_document_extract(document, file_keys_find(document->keys, key), true, &record),
        STORE_OK);
    assert_true(store_secret_equal(&record.value, value, strlen(value)));
}

/* Carries out operations on a document and returns the result. */
static struct file_document change(const char *text, struct file_op *ops)
{
    struct file_document base = parse(text);
    struct file_document out = {0};
    struct file_edits edits;

    assert_int_equal(file_edits_plan(&edits, &base, ops), STORE_OK);
    assert_int_equal(file_edits_apply(&out, &base, &edits), STORE_OK);
    file_edits_clear(&edits);
    file_document_clear(&base);
    return out;
}

static void expect_text(struct file_document document, const char *text)
{
    assert_int_equal(document.text.len, strlen(text));
    assert_memory_equal(document.text.data, text, document.text.len);
    file_document_clear(&document);
}

#define ABC                                                                                        \
    "{\"version\":2, \"theirs\":{ }, \"secrets\":{ \"global/a\":{\"value\":\"1\"}, "               \
    "\"odd\":[7], \"global/b\":{\"value\":\"2\"}, \"global/c\":{\"value\":\"3\"} }, \"x\":1}\n"

static void remove_takes_a_comma_with_it(void **state)
{
    struct file_op first = {.key = "global/a"};
    struct file_op last = {.key = "global/c"};
    struct file_op two = {.key = "global/b", .next = &last};
    struct file_op only = {.key = "global/a"};

    (void)state;
    expect_text(change(ABC, &first),
                "{\"version\":2, \"theirs\":{ }, \"secrets\":{ \"odd\":[7], "
                "\"global/b\":{\"value\":\"2\"}, \"global/c\":{\"value\":\"3\"} }, \"x\":1}\n");
    expect_text(change(ABC, &two), "{\"version\":2, \"theirs\":{ }, \"secrets\":{ "
                                   "\"global/a\":{\"value\":\"1\"}, \"odd\":[7] }, \"x\":1}\n");
    expect_text(change("{\"version\":2,\"secrets\":{\"global/a\":{\"value\":\"1\"}}}", &only),
                "{\"version\":2,\"secrets\":{}}");
    assert_int_equal(first.err, STORE_OK);
}

static void write_leaves_everything_else_as_it_was(void **state)
{
    AUTO_SECRET value = {0};
    struct file_op op = {.key = "global/b", .value = &value};
    struct file_document changed;
    static const char tail[] = ", \"global/c\":{\"value\":\"3\"} }, \"x\":1}\n";
    const char *text;

    (void)state;
    assert_int_equal(store_secret_set(&value, "new", 3), STORE_OK);
    changed = change(ABC, &op);
    text = (const char *)changed.text.data;
    assert_memory_equal(text, ABC, strstr(ABC, "{\"value\":\"2\"}") - ABC);
    assert_memory_equal(text + changed.text.len - strlen(tail), tail, strlen(tail));
    expect_secret(&changed, "global/a", "1");
    expect_secret(&changed, "global/b", "new");
    expect_secret(&changed, "global/c", "3");
    file_document_clear(&changed);
}

static void new_keys_are_quoted(void **state)
{
    AUTO_SECRET value = {0};
    struct file_op op = {.key = "org/a\\b/\"n\"", .value = &value};
    struct file_document changed;

    (void)state;
    assert_int_equal(store_secret_set(&value, "new", 3), STORE_OK);
    changed = change(ABC, &op);
    expect_secret(&changed, "org/a\\b/\"n\"", "new");
    assert_int_equal(changed.count, 5);
    file_document_clear(&changed);
}

/* Operations of one commit see each other. */
static void operations_see_those_before_them(void **state)
{
    AUTO_SECRET value = {0};
    struct store_record out = {0};
    struct file_op again = {.key = "global/n", .value = &value, .if_version = "0"};
    struct file_op gone = {.key = "global/n", .next = &again};
    struct file_op twice = {.key = "global/n", .value = &value, .if_version = "0", .next = &gone};
    struct file_op made = {
        .key = "global/n", .value = &value, .if_version = "0", .out = &out, .next = &twice};
    struct file_op nothing = {.key = "global/none", .next = &made};
    struct file_document changed;

    (void)state;
    assert_int_equal(store_secret_set(&value, "new", 3), STORE_OK);
    changed = change(ABC, &nothing);
    assert_int_equal(nothing.err, STORE_NOT_FOUND);
    assert_int_equal(made.err, STORE_OK);
    assert_true(out.updated_ns > 0);
    assert_int_equal(out.value.len, 0);
    assert_int_equal(twice.err, STORE_CONFLICT);
    assert_int_equal(gone.err, STORE_OK);
    assert_int_equal(again.err, STORE_OK);
    expect_secret(&changed, "global/n", "new");
    file_document_clear(&changed);
}

static void damaged_record_is_replaced_but_not_compared(void **state)
{
    AUTO_SECRET value = {0};
    struct file_op write = {.key = "global/a", .value = &value};
    struct file_op compare = {
        .key = "global/a", .value = &value, .if_version = "1", .next = &write};
    struct file_document changed;

    (void)state;
    assert_int_equal(store_secret_set(&value, "new", 3), STORE_OK);
    changed = change("{\"version\":2,\"secrets\":{\"global/a\":7}}", &compare);
    assert_int_equal(compare.err, STORE_CORRUPT);
    assert_int_equal(write.err, STORE_OK);
    expect_secret(&changed, "global/a", "new");
    file_document_clear(&changed);
}

static void v1_names_become_global(void **state)
{
    struct file_document document = parse(
        "{\"version\":1,\"k\":[ 1 ],\"secrets\":{\"a\":{\"value\":\"1\",\"n\":2},"
        "\"b\":\"plain\",\"org/x/c\":{\"value\":\"3\"},\"no\\u0001name\":{\"value\":\"4\"}}}");

    (void)state;
    assert_true(document.migrated);
    assert_int_equal(document.count, 4);
    assert_int_equal(document.keys->count, 3);
    expect_secret(&document, "global/a", "1");
    expect_secret(&document, "global/b", "plain");
    expect_secret(&document, "org/x/c", "3");
    assert_non_null(memmem(document.text.data, document.text.len, "\"k\":[ 1 ]", 9));
    assert_non_null(memmem(document.text.data, document.text.len, "\"n\":2", 5));
    file_document_clear(&document);
}

static void a_key_may_be_as_long_as_keys_are(void **state)
{
    char key[STORE_KEY_MAX + 2] = "global/";
    char text[2 * sizeof key + 100];
    struct file_document document;

    (void)state;
    for (size_t len = STORE_KEY_MAX - 2; len < sizeof key; len++) {
        memset(key + 7, 'k', len - 7);
        snprintf(text, sizeof text, "{\"version\":2,\"secrets\":{\"%s\":{\"value\":\"1\"}}}", key);
        document = parse(text);
        assert_int_equal(document.count, 1);
        assert_int_equal(document.keys->count, len <= STORE_KEY_MAX ? 1 : 0);
        if (len <= STORE_KEY_MAX)
            expect_secret(&document, key, "1");
        file_document_clear(&document);
    }
}

static void version_may_come_last(void **state)
{
    struct file_document v2 =
        parse("{\"secr\\u0065ts\":{\"global/a\":{\"value\":\"1\"}},\"version\":2}");
    struct file_document v1 =
        parse("{\"secrets\":{\"a\":{\"value\":\"1\"},\"org/x\":{\"value\":\"2\"}},\"version\":1}");

    (void)state;
    assert_false(v2.migrated);
    expect_secret(&v2, "global/a", "1");
    assert_int_equal(v2.count, 1);
    assert_true(v1.migrated);
    expect_secret(&v1, "global/a", "1");
    assert_int_equal(v1.count, 2);
    file_document_clear(&v1);
    file_document_clear(&v2);
}

/* An editor added it; the next write leaves it out. */
static void a_byte_order_mark_is_skipped(void **state)
{
    struct file_document document = parse("\xef\xbb\xbf" ABC);
    struct file_document v1 = parse("\xef\xbb\xbf{\"a\": {\"value\":\"1\"}}");

    (void)state;
    expect_secret(&document, "global/b", "2");
    expect_text(document, ABC);
    expect_secret(&v1, "global/a", "1");
    file_document_clear(&v1);
}

static void v1_name_gives_way_to_its_scoped_twin(void **state)
{
    struct file_document document =
        parse("{\"a\":{\"value\":\"flat\"},\"global/a\":{\"value\":\"scoped\"}}");

    (void)state;
    expect_secret(&document, "global/a", "scoped");
    assert_int_equal(document.count, 2);
    assert_non_null(memmem(document.text.data, document.text.len, "flat", 4));
    file_document_clear(&document);
}

static void an_unreadable_document_says_why(void **state)
{
    char why[128];
    bool parses;

    (void)state;
    assert_int_equal(refused("{\"version\":2,", &parses, why), STORE_CORRUPT);
    assert_false(parses);
    assert_non_null(strstr(why, "not JSON"));
    assert_int_equal(refused("{\"version\":3,\"secrets\":{}}", &parses, why), STORE_UNAVAILABLE);
    assert_true(parses);
    assert_non_null(strstr(why, "newer than 2"));
    assert_int_equal(refused("{\"version\":2}", &parses, why), STORE_CORRUPT);
    assert_true(parses);
    assert_int_equal(refused("{\"version\":2,\"secrets\":{\"global/a\":{\"value\":\"1\"}},"
                             "\"secrets\":{\"global/b\":{\"value\":\"2\"}}}",
                             &parses, why),
                     STORE_CORRUPT);
    assert_true(parses);
    assert_int_equal(refused("{\"a\":1}", &parses, why), STORE_CORRUPT);
    assert_true(parses);
}

static void range_has_whole_parts_only(void **state)
{
    struct file_document document =
        parse("{\"version\":2,\"secrets\":{\"org/app-prod/a\":{},\"org/app/b\":{},\"org/app/a\":{},"
              "\"global/z\":{},\"user/u/a\":{}}}");
    const struct file_key *const *first;
    size_t count;

    (void)state;
    assert_int_equal(file_keys_range(document.keys, "org/app/", &first, &count), STORE_OK);
    assert_int_equal(count, 2);
    assert_string_equal(first[0]->name, "org/app/a");
    assert_string_equal(first[1]->name, "org/app/b");
    assert_int_equal(file_keys_range(document.keys, "project/", &first, &count), STORE_OK);
    assert_int_equal(count, 0);
    assert_int_equal(file_keys_range(document.keys, "user/", &first, &count), STORE_OK);
    assert_int_equal(count, 1);
    file_document_clear(&document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(remove_takes_a_comma_with_it),
        cmocka_unit_test(write_leaves_everything_else_as_it_was),
        cmocka_unit_test(new_keys_are_quoted),
        cmocka_unit_test(operations_see_those_before_them),
        cmocka_unit_test(damaged_record_is_replaced_but_not_compared),
        cmocka_unit_test(v1_names_become_global),
        cmocka_unit_test(a_key_may_be_as_long_as_keys_are),
        cmocka_unit_test(version_may_come_last),
        cmocka_unit_test(a_byte_order_mark_is_skipped),
        cmocka_unit_test(v1_name_gives_way_to_its_scoped_twin),
        cmocka_unit_test(an_unreadable_document_says_why),
        cmocka_unit_test(range_has_whole_parts_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
