/* SPDX-License-Identifier: Apache-2.0 */
#include "conf_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/mask.h"

#ifndef SANITIZED
#define SANITIZED false
#endif

/* Masks `text`, and expects this text and these secrets, which '|' separates. */
static void assert_masked(const char *text, const char *masked, const char *secrets)
{
    struct mask mask;

    assert_int_equal(mask_make(&mask, text, strlen(text)), STORE_OK);
    if (!store_secret_equal(&mask.text, masked, strlen(masked)))
        fail_msg("%s became %.*s", text, (int)mask.text.len, (const char *)mask.text.data);
    for (size_t i = 0; i < mask.count; i++) {
        size_t len = strcspn(secrets, "|");
        assert_true(store_secret_equal(&mask.secrets[i], secrets, len));
        secrets += len + (secrets[len] == '|' ? 1 : 0);
    }
    assert_string_equal(secrets, "");
    mask_free(&mask);
    mask_free(&mask);
}

static void secrets_are_taken_out_and_columns_stay(void **state)
{
    (void)state;
    assert_masked("{\"token\":\"hvs.1\"}", "{\"token\":\"0\"    }", "hvs.1");
    assert_masked("{\"a\": {\"token\" :\n\t\"x\"}, \"secret_id\": \"yz\", \"c\": \"d\"}",
                  "{\"a\": {\"token\" :\n\t\"0\"}, \"secret_id\": \"1\" , \"c\": \"d\"}", "x|yz");
    assert_masked("{\"t\\u006fken\": \"abc\"}", "{\"t\\u006fken\": \"0\"  }", "abc");
}

static void escapes_are_undone(void **state)
{
    (void)state;
    assert_masked("{\"token\": \"a\\\"\\\\\\/\\b\\f\\n\\r\\tb\"}",
                  "{\"token\": \"0\"                 }", "a\"\\/\b\f\n\r\tb");
    assert_masked("{\"token\": \"\\u0041\\u00e9\\u20AC\\ud83d\\ude00\"}",
                  "{\"token\": \"0\"                             }",
                  "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
}

static void what_is_no_secret_stays(void **state)
{
    static const char *const texts[] = {
        "",
        "{}",
        "{\"a\": \"token\", \"b\": \"x\"}",
        "{\"tokens\": \"x\", \"Token\": \"x\"}",
        "{\"token\": \"\"}",
        "{\"token\": 1}",
        "{\"token\": [\"x\"]}",
        "[\"token\", \"x\"]",
        "{\"token",
        "{\"token\"",
        "{\"token\":",
        "{\"token\": \"x",
        "{\"token\": \"x\\",
        "{\"token\": \"\\x\"}",
        "{\"token\": \"\\u12\"}",
        "{\"token\": \"\\u0000\"}",
        "{\"token\": \"\\ud800\"}",
        "{\"token\": \"\\ud800\\u0041\"}",
        "{\"token\": \"\\udc00\"}",
        "{\"to\\xken\": \"x\"}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_masked(texts[i], texts[i], "");
}

static void a_mask_stands_for_its_secret_only(void **state)
{
    static const char text[] = "{\"token\":\"a\",\"x\":{\"token\":\"b\"}}";
    struct mask mask;

    (void)state;
    assert_int_equal(mask_make(&mask, text, strlen(text)), STORE_OK);
    assert_ptr_equal(mask_find(&mask, "1"), &mask.secrets[1]);
    assert_null(mask_find(&mask, "2"));
    assert_null(mask_find(&mask, ""));
    assert_null(mask_find(&mask, "1x"));
    assert_null(mask_find(&mask, "-1"));
    mask_free(&mask);
}

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
        if (strcmp(name, "[heap]") != 0)
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
    /* what follows in freed memory overwrites the first bytes at most */
    assert_int_equal(count_in_memory(less + len - 24, 24), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secrets_are_taken_out_and_columns_stay),
        cmocka_unit_test(escapes_are_undone),
        cmocka_unit_test(what_is_no_secret_stays),
        cmocka_unit_test(a_mask_stands_for_its_secret_only),
        CONF_TEST(no_copy_of_a_token_is_left_in_the_heap),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
