/* SPDX-License-Identifier: Apache-2.0 */
/* json_read_members of core/json_read.c. */
#include "tests/unit/core/json_check.h"

#include <stdio.h>

#include "core/json_document.h"

/* The members that json_read_members has passed on, one line for each. */
struct given {
    char text[256];
    size_t most; /* members to take before it fails; 0: all */
    size_t count;
};

static enum store_err note_member(void *arg, struct json_value member)
{
    struct given *given = arg;
    size_t used = strlen(given->text);
    AUTO_SECRET raw = {0};
    char key[16];

    assert_int_equal(json_key_text(member, key, sizeof key), STORE_OK);
    assert_null(json_next(member).document);
    json_raw(member, &raw);
    snprintf(given->text + used, sizeof given->text - used, "%s=%.*s %zu\n", key, (int)raw.len,
             (const char *)raw.data, json_count(member));
    return ++given->count == given->most ? STORE_NO_MEMORY : STORE_OK;
}

static enum store_err read_members(const char *text, struct given *given,
                                   struct json_document **out)
{
    AUTO_SECRET secret = {0};
    size_t where;

    assert_int_equal(store_secret_set(&secret, text, strlen(text)), STORE_OK);
    return json_read_members(out, &secret, "m", note_member, given, &where);
}

static void members_are_given_away_as_they_are_read(void **state)
{
    AUTO_JSON doc = NULL;
    struct given given = {0};
    struct json_value root;

    (void)state;
    assert_int_equal(read_members("{\"x\":{\"m\":{\"no\":1}},\"\\u006d\":{ \"a\":1 ,\"b\":"
                                  "{\"m\":{\"d\":2},\"e\":[]},\"c\":[3,4]} ,\"z\":[{\"m\":5}]}",
                                  &given, &doc),
                     STORE_OK);
    assert_string_equal(given.text, "a=1 0\nb={\"m\":{\"d\":2},\"e\":[]} 2\nc=[3,4] 2\n");
    root = json_root(doc);
    assert_int_equal(json_count(root), 3);
    assert_int_equal(json_count(json_member(root, "m")), 0);
    assert_raw(json_member(root, "m"), "{ \"a\":1 ,\"b\":{\"m\":{\"d\":2},\"e\":[]},\"c\":[3,4]}");
    assert_raw(json_path(root, "x", "m", "no", NULL), "1");
    assert_raw(json_member(root, "z"), "[{\"m\":5}]");
}

static void other_shapes_give_no_members_away(void **state)
{
    static const char *const texts[] = {"{\"m\":[1,2]}", "{\"m\":1}", "[{\"m\":{\"a\":1}}]", "1",
                                        "{\"m\":{}}"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        AUTO_JSON doc = NULL;
        struct given given = {0};
        assert_int_equal(read_members(texts[i], &given, &doc), STORE_OK);
        assert_string_equal(given.text, "");
        assert_raw(json_root(doc), texts[i]);
    }
}

static enum store_err count_member(void *arg, struct json_value member)
{
    (void)member;
    ++*(size_t *)arg;
    return STORE_OK;
}

static void members_passed_on_use_no_memory(void **state)
{
    AUTO_SECRET text = {0};
    AUTO_JSON doc = NULL;
    size_t count = 0;

    (void)state;
    assert_int_equal(store_secret_append(&text, "{\"m\":{\"0\":[]", 12), STORE_OK);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(store_secret_append(&text, ",\"n\":{\"o\":[1]}", 14), STORE_OK);
    assert_int_equal(store_secret_append(&text, "},\"z\":0}", 8), STORE_OK);
    assert_int_equal(json_read_members(&doc, &text, "m", count_member, &count, NULL), STORE_OK);
    assert_int_equal(count, 1001);
    assert_int_equal(doc->count, 3);
    assert_true(doc->capacity < 100);
}

static void an_error_of_the_taker_ends_the_reading(void **state)
{
    AUTO_JSON doc = NULL;
    struct given given = {.most = 2};

    (void)state;
    assert_int_equal(read_members("{\"m\":{\"a\":1,\"b\":2,\"c\":3}}", &given, &doc),
                     STORE_NO_MEMORY);
    assert_null(doc);
    assert_int_equal(given.count, 2);
    given = (struct given){0};
    assert_int_equal(read_members("{\"m\":{\"a\":1},\"m\":{\"b\":2}}", &given, &doc), STORE_OK);
    assert_string_equal(given.text, "a=1 0\nb=2 0\n");
    assert_int_equal(json_type(json_member(json_root(doc), "m")), JSON_DUPLICATE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_given_away_as_they_are_read),
        cmocka_unit_test(other_shapes_give_no_members_away),
        cmocka_unit_test(members_passed_on_use_no_memory),
        cmocka_unit_test(an_error_of_the_taker_ends_the_reading),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
