/* SPDX-License-Identifier: Apache-2.0 */
/* backends/file/: salvage.c, scan.c and mark.c: the records saved from a text that is not JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/file/document.h"
#include "backends/file/salvage.h"

/* The document saved from `len` bytes; `text`, if not NULL, gets its text. */
static struct file_document salvage(const char *bytes, size_t len, size_t *saved)
{
    struct file_document document = {0};
    AUTO_SECRET damaged = {0};
    AUTO_SECRET text = {0};
    char why[128] = "";
    bool parses;

    assert_int_equal(store_secret_set(&damaged, bytes, len), STORE_OK);
    assert_int_equal(file_salvage(&damaged, "secrets.json.corrupt.7", INT64_MAX, &text, saved),
                     STORE_OK);
    assert_int_equal(file_document_read(&document, &text, &parses, why), STORE_OK);
    assert_false(document.migrated);
    assert_true(document.mark.stands);
    assert_int_equal(document.mark.saved, *saved);
    assert_int_equal(document.count, *saved);
    assert_int_equal(document.keys->count, *saved);
    return document;
}

/* True if the document has the secret, which must have this value. */
static bool has(const struct file_document *document, const char *key, const char *value)
{
    const struct file_key *found = file_keys_find(document->keys, key);
    AUTO_RECORD record = {0};

    if (found == NULL)
        return false;
    assert_int_equal(file_document_extract(document, found, true, &record), STORE_OK);
    if (!store_secret_equal(&record.value, value, strlen(value)))
        fail_msg("%s has another value than %s", key, value);
    return true;
}

/* Exactly the secrets of `expected`, "key=value key=value", are saved of the text. */
static void expect_saved(const char *text, const char *expected)
{
    size_t saved;
    struct file_document document = salvage(text, strlen(text), &saved);
    char *words = strdup(expected);
    char *rest = words;
    size_t count = 0;

    assert_non_null(words);
    for (char *word = strtok_r(words, " ", &rest); word != NULL;
         word = strtok_r(NULL, " ", &rest)) {
        char *equals = strchr(word, '=');
        *equals = '\0';
        count++;
        if (!has(&document, word, equals + 1))
            fail_msg("%s is not saved of %s", word, text);
    }
    if (saved != count)
        fail_msg("%zu secrets, not %zu, are saved of %s", saved, count, text);
    free(words);
    file_document_clear(&document);
}

#define META                                                                                       \
    "\"metadata\":{\"created_at\":\"2024-01-01T00:00:00Z\",\"updated_at\":\"2024-01-01T00:00:"     \
    "00Z\"}"
#define R(value) "{\"value\":\"" value "\"," META "}"
#define A "\"global/a\":" R("1")
#define B "\"global/b\":" R("2")
#define C "\"org/x/c\":" R("3")
#define V2(members) "{\"version\":2,\"secrets\":{" members "}}"

/* A text like the one sideseat writes and one like ours, of which each record ends at a known
 * place. */
struct prefix {
    char text[8192];
    size_t ends[20]; /* past each record */
};

static void make_prefix(struct prefix *prefix, bool pretty)
{
    char *at = prefix->text;

    at +=
        sprintf(at, "%s",
                pretty ? "{\n  \"version\": 2,\n  \"secrets\": {" : "{\"version\":2,\"secrets\":{");
    for (int i = 0; i < 20; i++) {
        at += sprintf(
            at,
            "%s%s\"global/k%d\":%s{\"value\": \"{\\\"value\\\": \\\"%d, \\u00e9 \\\\\\\"}\","
            " \"note\": [{\"a\": \"}\"}, 1.5e3, null], " META "}",
            i == 0 ? "" : ",", pretty ? "\n    " : "", i, pretty ? " " : "", i);
        prefix->ends[i] = (size_t)(at - prefix->text);
    }
    at +=
        sprintf(at, "%s",
                pretty ? "\n  },\n  \"theirs\": {\"global/k1\": {\"value\": \"old\"}}\n}\n" : "}}");
}

static void records_before_a_cut_are_saved(void **state)
{
    static struct prefix prefix;

    (void)state;
    for (int pretty = 0; pretty < 2; pretty++) {
        make_prefix(&prefix, pretty);
        for (size_t len = 0; len < strlen(prefix.text); len++) {
            size_t saved;
            size_t whole = 0;
            struct file_document document = salvage(prefix.text, len, &saved);
            while (whole < 20 && prefix.ends[whole] <= len)
                whole++;
            if (saved != whole)
                fail_msg("%zu secrets, not %zu, are saved of %zu bytes", saved, whole, len);
            for (size_t i = 0; i < whole; i++) {
                char key[32];
                char value[64];
                snprintf(key, sizeof key, "global/k%zu", i);
                snprintf(value, sizeof value, "{\"value\": \"%zu, \xc3\xa9 \\\"}", i);
                assert_true(has(&document, key, value));
            }
            file_document_clear(&document);
        }
    }
}

/* A block of the disk that was lost, in the shapes that is known for: the others are saved. */
static void records_around_a_hole_are_saved(void **state)
{
    static const char fills[] = {'\0', '"', '{', '}', '\xff', '\n', 'x', '\\'};
    static struct prefix prefix;
    static char text[8192];

    (void)state;
    make_prefix(&prefix, true);
    for (size_t from = 30; from < prefix.ends[19]; from += 83) {
        for (size_t i = 0; i < sizeof fills; i++) {
            size_t len = strlen(prefix.text);
            size_t to = from + 100 < prefix.ends[19] ? from + 100 : prefix.ends[19];
            size_t saved;
            struct file_document document;
            memcpy(text, prefix.text, len);
            memset(text + from, fills[i], to - from);
            document = salvage(text, len, &saved);
            for (size_t k = 0; k < 20; k++) {
                char key[32];
                char value[64];
                bool hit = prefix.ends[k] > from && (k == 0 ? 30 : prefix.ends[k - 1]) < to;
                snprintf(key, sizeof key, "global/k%zu", k);
                snprintf(value, sizeof value, "{\"value\": \"%zu, \xc3\xa9 \\\"}", k);
                if (hit)
                    continue;
                if (!has(&document, key, value))
                    fail_msg("%s is not saved with %02x from %zu to %zu", key,
                             (unsigned char)fills[i], from, to);
            }
            file_document_clear(&document);
        }
    }
}

static void records_beside_the_damage_are_saved(void **state)
{
    (void)state;
    expect_saved("", "");
    expect_saved(" \n", "");
    expect_saved("\xef\xbb\xbf", "");
    expect_saved("not-json{{{", "");
    expect_saved(V2(A "," B ","), "global/a=1 global/b=2");
    expect_saved("\xef\xbb\xbf" V2(A "," B ","), "global/a=1 global/b=2");
    expect_saved(V2("," A "," B), "global/a=1 global/b=2");
    expect_saved(V2(A B C), "global/a=1 global/b=2 org/x/c=3");
    expect_saved(V2(A ",," B), "global/a=1 global/b=2");
    expect_saved(V2(A "}," B "," C), "global/a=1 global/b=2 org/x/c=3");
    expect_saved(V2(A "," B) "}", "global/a=1 global/b=2");
    expect_saved(V2(A "," B) " and more", "global/a=1 global/b=2");
    expect_saved("{\"version\":2,\"secrets\":" A "," B "}}", "global/a=1 global/b=2");
    expect_saved("// ours\n" V2(A ", /* next */ " B), "global/a=1 global/b=2");
    expect_saved(V2(A ",\"global/b\":{\"value\":\"2," META "}," C), "global/a=1 org/x/c=3");
    expect_saved(V2(A ",\"global/b:" R("2") "," C), "global/a=1 org/x/c=3");
    expect_saved(V2(A ",global/b\":" R("2") "," C), "global/a=1 org/x/c=3");
    expect_saved(V2(A ",\"global/b\":{\"value\":\"2\",\"metadata\":{}," C), "global/a=1 org/x/c=3");
    expect_saved(V2(A ",\"global/b\":{\"value\":\"2\",\"metadata\":{\"x\":{," C "," A "2"),
                 "org/x/c=3");
    expect_saved(V2(A ",\"global/b\":{\"value\":\"a\nb\"," META "}," C), "global/a=1 org/x/c=3");
    expect_saved(V2(A ",\"global/b\":{\"value\":\"\xff\"," META "}," C), "global/a=1 org/x/c=3");
    expect_saved(V2(A ",\"global/b\":{\"value\":7}," C ","), "global/a=1 org/x/c=3");
    expect_saved(V2(A ",\"global/b\":{\"value\":\"!\",\"encoding\":\"base64\"}," C ","),
                 "global/a=1 org/x/c=3");
    expect_saved(V2("\"odd\":" R("0") "," A ","), "global/a=1");
    expect_saved("{version:2,secrets:{" A "}}", "global/a=1");
}

/* Nobody can tell which of two records with one key is right. */
/* A record so deep that the fresh file could not be read with it stays in the damaged one. */
static void a_deep_record_does_not_spoil_the_others(void **state)
{
    (void)state;
    for (int depth = JSON_DEPTH_MAX - 6; depth < JSON_DEPTH_MAX + 3; depth++) {
        char text[2048] =
            "{\"version\":2,\"secrets\":{" A " 1,\"global/d\":{\"value\":\"3\",\"x\":";
        size_t used = strlen(text);

        memset(text + used, '[', (size_t)depth);
        memset(text + used + depth, ']', (size_t)depth);
        (void)snprintf(text + used + 2 * depth, sizeof text - used - 2 * (size_t)depth,
                       "}," B "}}");
        expect_saved(text, depth + 3 <= JSON_DEPTH_MAX ? "global/a=1 global/b=2 global/d=3"
                                                       : "global/a=1 global/b=2");
    }
}

static void a_key_that_is_there_twice_is_not_saved(void **state)
{
    (void)state;
    expect_saved(V2(A ",\"global/a\":" R("9") "," B ","), "global/b=2");
    expect_saved(V2(A ",\"gl\\u006fbal/a\":" R("9") "," B ","), "global/b=2");
    expect_saved(V2("\n<<<<<<< HEAD\n" A ",\n=======\n\"global/a\":" R("9") ",\n>>>>>>> x\n" B),
                 "global/b=2");
    expect_saved(V2(A "," B) V2(A "," C), "global/b=2 org/x/c=3");
    expect_saved(V2(A "," B ",\"global/a\":{\"val"), "global/b=2");
}

/* A copy within another member is not a secret; it may be an old or a deleted one. */
static void records_within_other_members_are_not_saved(void **state)
{
    static const char trash[] = "\"trash\":{\"global/old\":" R("0") "}";
    char text[1024];

    (void)state;
    snprintf(text, sizeof text, "{\"version\":2,%s,\"secrets\":{" A ",}}", trash);
    expect_saved(text, "global/a=1");
    snprintf(text, sizeof text, "{\"version\":2,\"secrets\":{" A "},%s,}", trash);
    expect_saved(text, "global/a=1");
    snprintf(text, sizeof text, "{\"version\":2,\"secrets\":{" A "},%.*s", (int)sizeof trash - 2,
             trash);
    expect_saved(text, "global/a=1");
    snprintf(text, sizeof text,
             "{\"version\":2,\"trash\":{x \"global/old\":" R("0") "},\"secrets\":{" A "}}");
    expect_saved(text, "global/a=1");
    expect_saved(V2("\"global/a\":{\"value\":\"1\",\"was\":{\"global/old\":" R("0") "}},"),
                 "global/a=1");
    expect_saved("{\"version\":2,\"secrets\":{\"global/a\":{\"value\":"
                 "\"{\\\"global/x\\\":{\\\"value\\\":\\\"7\\\"}}\"},",
                 "global/a={\"global/x\":{\"value\":\"7\"}}");
    expect_saved("{\"version\":2,\"secrets\":{\"global/a\":{\"value\":"
                 "\"{\\\"global/x\\\":{\\\"value\\\":\\\"7\\\"}}",
                 "");
}

static void records_of_version_1_are_saved(void **state)
{
    (void)state;
    expect_saved("{\"a\":" R("1") ",\"b\":\"2\",\"org/x/c\":" R("3") ",",
                 "global/a=1 global/b=2 org/x/c=3");
    expect_saved("{\"version\":1,\"secrets\":{\"a\":" R("1") ",\"b\":\"2\"},\"note\":\"theirs\",",
                 "global/a=1 global/b=2");
    expect_saved("{\"secrets\":{\"a\":" R("1") ",\"b\":{\"value\":\"2\",\"x\":\"y", "global/a=1");
    expect_saved("{\"a\":" R("1") " x \"b\":" R("2") "}", "global/a=1 global/b=2");
    /* the names of version 2 have a scope, wherever the version stands */
    expect_saved("{\"version\":2,\"secrets\":{\"a\":" R("1") "," B ",", "global/b=2");
    expect_saved("{\"secrets\":{\"a\":" R("1") "," B ",},\"version\":2}", "global/b=2");
}

static void a_newer_version_is_not_guessed_at(void **state)
{
    (void)state;
    expect_saved("{\"version\":3,\"secrets\":{" A ",", "");
}

/* The file that took the place of a damaged one is damaged itself: no name is forgotten. */
static void marks_form_a_chain(void **state)
{
    static const char one[] =
        "{\"version\":2,\"replaces\":\"secrets.json.corrupt.5\",\"saved\":1,\"secrets\":{" A ",";
    static const char two[] = "{\"version\":2,\"replaces\":[\"secrets.json.corrupt.6\","
                              "\"secrets.json.corrupt.5\"],\"secrets\":{" A ",";
    size_t saved;
    struct file_document document = salvage(one, strlen(one), &saved);

    (void)state;
    assert_string_equal(document.mark.backups, "secrets.json.corrupt.7, secrets.json.corrupt.5");
    file_document_clear(&document);
    document = salvage(two, strlen(two), &saved);
    assert_string_equal(document.mark.backups,
                        "secrets.json.corrupt.7, secrets.json.corrupt.6, secrets.json.corrupt.5");
    assert_true(has(&document, "global/a", "1"));
    file_document_clear(&document);
}

/* A long text of beginnings only ends in good time. */
static void the_worst_text_takes_no_longer_than_others(void **state)
{
    static const char part[] = "\"org/a/b\":{\"x\":\"";
    size_t size = (size_t)1 << 20;
    char *text = malloc(size + sizeof part);
    size_t saved;
    struct file_document document;

    (void)state;
    assert_non_null(text);
    for (size_t at = 0; at < size; at += sizeof part - 1)
        memcpy(text + at, part, sizeof part - 1);
    document = salvage(text, size, &saved);
    file_document_clear(&document);
    memset(text, '"', size);
    document = salvage(text, size, &saved);
    file_document_clear(&document);
    memset(text, '[', size);
    document = salvage(text, size, &saved);
    file_document_clear(&document);
    free(text);
}

static void the_end_of_a_mark_leaves_the_rest(void **state)
{
    static const char marked[] = "{\"version\":2,\"replaces\":[],\"saved\":1,\"x\":[ 1 ],"
                                 "\"secrets\":{ " A " }}";
    AUTO_SECRET text = {0};
    AUTO_SECRET ended = {0};

    (void)state;
    assert_int_equal(store_secret_set(&text, marked, strlen(marked)), STORE_OK);
    assert_int_equal(file_mark_end(&text, &ended), STORE_OK);
    assert_true(store_secret_equal(&ended, "{\"version\":2,\"x\":[ 1 ],\"secrets\":{ " A " }}",
                                   strlen("{\"version\":2,\"x\":[ 1 ],\"secrets\":{ " A " }}")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_before_a_cut_are_saved),
        cmocka_unit_test(records_around_a_hole_are_saved),
        cmocka_unit_test(records_beside_the_damage_are_saved),
        cmocka_unit_test(a_deep_record_does_not_spoil_the_others),
        cmocka_unit_test(a_key_that_is_there_twice_is_not_saved),
        cmocka_unit_test(records_within_other_members_are_not_saved),
        cmocka_unit_test(records_of_version_1_are_saved),
        cmocka_unit_test(a_newer_version_is_not_guessed_at),
        cmocka_unit_test(marks_form_a_chain),
        cmocka_unit_test(the_worst_text_takes_no_longer_than_others),
        cmocka_unit_test(the_end_of_a_mark_leaves_the_rest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
