/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "core/legacy_document.h"

/* The results of a walk, as text: "key=value " or "key!ERROR ". */
struct walk {
    char text[512];
    size_t left;
    char why[LEGACY_WHY_SIZE];
};

static enum store_err note(void *arg, const char *key, enum store_err err,
                           const struct store_secret *value)
{
    struct walk *walk = arg;
    size_t used = strlen(walk->text);

    if (err != STORE_OK)
        snprintf(walk->text + used, sizeof walk->text - used, "%s!%s ", key, store_err_name(err));
    else
        snprintf(walk->text + used, sizeof walk->text - used, "%s=%.*s ", key, (int)value->len,
                 (const char *)value->data);
    return strcmp(key, "global/stop") == 0 ? STORE_FULL : STORE_OK;
}

static enum store_err walk(struct walk *out, const char *json)
{
    AUTO_SECRET text = {0};

    *out = (struct walk){0};
    assert_int_equal(store_secret_set(&text, json, strlen(json)), STORE_OK);
    return legacy_document_each(&text, note, out, &out->left, out->why);
}

static void the_second_version_has_scope_keys(void **state)
{
    struct walk w;

    (void)state;
    assert_int_equal(walk(&w, "{\"version\":2,\"secrets\":{"
                              "\"org/acme/a\":{\"value\":\"1\",\"metadata\":{}},"
                              "\"global/b\":{\"value\":\"Mg==\",\"encoding\":\"base64\"}}}"),
                     STORE_OK);
    assert_string_equal(w.text, "org/acme/a=1 global/b=2 ");
    assert_int_equal(w.left, 0);
    assert_int_equal(walk(&w, "{\"version\":2,\"secrets\":{}}"), STORE_OK);
    assert_string_equal(w.text, "");
}

static void flat_names_of_the_first_version_are_global(void **state)
{
    struct walk w;

    (void)state;
    assert_int_equal(walk(&w, "{\"secrets\":{\"jwt\":{\"value\":\"1\"},\"plain\":\"2\"}}"),
                     STORE_OK);
    assert_string_equal(w.text, "global/jwt=1 global/plain=2 ");
    assert_int_equal(walk(&w, "{\"version\":1,\"secrets\":{\"jwt\":{\"value\":\"1\"}}}"), STORE_OK);
    assert_string_equal(w.text, "global/jwt=1 ");
    assert_int_equal(walk(&w, "{\"jwt\":{\"value\":\"1\"},\"secrets\":\"2\"}"), STORE_OK);
    assert_string_equal(w.text, "global/jwt=1 global/secrets=2 ");
    assert_int_equal(walk(&w, "{\"secrets\":{\"value\":\"1\"}}"), STORE_OK);
    assert_string_equal(w.text, "global/secrets=1 ");
    assert_int_equal(walk(&w, "{\"secrets\":{\"value\":{\"value\":\"1\"}}}"), STORE_OK);
    assert_string_equal(w.text, "global/value=1 ");
}

static void damaged_and_nameless_records_are_reported(void **state)
{
    struct walk w;

    (void)state;
    assert_int_equal(walk(&w, "{\"version\":2,\"secrets\":{\"global/a\":{\"value\":\"\"},"
                              "\"global/b\":{\"value\":7},\"global/c\":{\"value\":\"3\"},"
                              "\"team/x/y\":{\"value\":\"4\"},\"\":{\"value\":\"5\"}}}"),
                     STORE_OK);
    assert_string_equal(w.text, "global/a!CORRUPT global/b!CORRUPT global/c=3 ");
    assert_int_equal(w.left, 2);
    assert_int_equal(walk(&w, "{\"a\":{\"value\":7},\"b\":\"2\"}"), STORE_OK);
    assert_string_equal(w.text, "global/a!CORRUPT global/b=2 ");
}

static void an_error_of_each_ends_the_walk(void **state)
{
    struct walk w;

    (void)state;
    assert_int_equal(walk(&w, "{\"stop\":\"1\",\"more\":\"2\"}"), STORE_FULL);
    assert_string_equal(w.text, "global/stop=1 ");
    assert_string_equal(w.why, "");
}

static void a_text_that_is_not_a_document_gives_nothing(void **state)
{
    static const char *const bad[] = {
        "",
        "no JSON",
        "[]",
        "\"text\"",
        "{\"version\":2,",
        "{\"version\":2}",
        "{\"version\":2,\"jwt\":{\"value\":\"1\"}}",
        "{\"version\":\"2\",\"secrets\":{}}",
        "{\"other\":{\"json\":1}}",
    };
    struct walk w;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(walk(&w, bad[i]), STORE_CORRUPT);
        assert_string_equal(w.text, "");
        assert_string_not_equal(w.why, "");
    }
    assert_int_equal(walk(&w, "{\"version\":3,\"secrets\":{\"global/a\":{\"value\":\"1\"}}}"),
                     STORE_UNAVAILABLE);
    assert_string_equal(w.text, "");
    assert_string_not_equal(w.why, "");
}

static void a_member_that_is_there_twice_is_named(void **state)
{
    struct walk w;

    (void)state;
    assert_int_equal(walk(&w, "{\"version\":2,\"version\":2,\"secrets\":{}}"), STORE_CORRUPT);
    assert_string_equal(w.why, "it has \"version\" twice");
    assert_int_equal(walk(&w, "{\"version\":2,\"secrets\":{},\"secrets\":{}}"), STORE_CORRUPT);
    assert_string_equal(w.why, "it has \"secrets\" twice");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_member_that_is_there_twice_is_named),
        cmocka_unit_test(the_second_version_has_scope_keys),
        cmocka_unit_test(flat_names_of_the_first_version_are_global),
        cmocka_unit_test(damaged_and_nameless_records_are_reported),
        cmocka_unit_test(an_error_of_each_ends_the_walk),
        cmocka_unit_test(a_text_that_is_not_a_document_gives_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
