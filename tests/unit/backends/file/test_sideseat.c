/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents with the real results of SideSeat's own file reader (serde, with chrono's times). The
 * backend reads all that it accepts, with three exceptions that are safer; it accepts all that the
 * backend writes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "backends/file/edit.h"
#include "backends/file/salvage.h"
#include "store/time.h"

#define META                                                                                       \
    "\"metadata\":{\"created_at\":\"2024-01-01T00:00:00Z\",\"updated_at\":\"2024-01-01T00:00:"     \
    "00Z\"}"
#define R "{\"value\":\"v\"," META "}"
#define V2(members) "{\"version\":2,\"secrets\":{" members "}}"
#define AT(created, updated)                                                                       \
    V2("\"global/a\":{\"value\":\"v\",\"metadata\":{\"created_at\":\"" created                     \
       "\",\"updated_at\":\"" updated "\"}}")
#define DEEP10 "[[[[[[[[[["
#define END10 "]]]]]]]]]]"

enum answer {
    TAKES,      /* sideseat reads it */
    SETS_ASIDE, /* sideseat calls it corrupt */
};

enum ours {
    READ,     /* global/a is "v" */
    EMPTY,    /* the key does not exist */
    DAMAGED,  /* of the file only that key is */
    REFUSED,  /* left alone */
    REPLACED, /* set aside as sideseat does, and saved from */
};

static const struct row {
    const char *text;
    enum answer sideseat;
    enum ours ours;
    int64_t created_s; /* 0: not known */
} rows[] = {
    {V2("\"global/a\":" R), TAKES, READ, 1704067200},
    {V2(""), TAKES, EMPTY, 0},
    {"\n " V2("\"global/a\":" R) "\n\n", TAKES, READ, 1704067200},
    /* more members, everywhere */
    {"{\"version\":2,\"replaces\":\"b\",\"saved\":1,\"secrets\":{\"global/a\":" R "}}", TAKES, READ,
     1704067200},
    {"{\"version\":2,\"replaces\":[\"c\",\"b\"],\"secrets\":{\"global/a\":" R "}}", TAKES, READ,
     1704067200},
    {V2("\"global/a\":{\"value\":\"v\",\"note\":[{}]," META "}"), TAKES, READ, 1704067200},
    {"{\"version\":2,\"secrets\":{\"global/a\":" R "},\"theirs\":{\"a\":[1e400,null]}}", TAKES,
     READ, 1704067200},
    {"{\"version\":2,\"secrets\":{\"global/a\":" R
     "},\"deep\":" DEEP10 DEEP10 DEEP10 DEEP10 DEEP10 DEEP10 DEEP10 DEEP10 DEEP10 DEEP10 END10 END10
         END10 END10 END10 END10 END10 END10 END10 END10 "}",
     TAKES, READ, 1704067200},
    {V2("\"global/a\":{\"value\":\"v\",\"deep\":" DEEP10 DEEP10 DEEP10 DEEP10 DEEP10 DEEP10 DEEP10
            DEEP10 DEEP10 DEEP10 DEEP10 DEEP10 DEEP10 END10 END10 END10 END10 END10 END10 END10
                END10 END10 END10 END10 END10 END10 "}"),
     SETS_ASIDE, REFUSED, 0},
    /* times */
    {AT("2024-01-01T02:00:00+02:00", "2024-01-01T02:00:00+02:00"), TAKES, READ, 1704067200},
    {AT("2023-12-31T19:00:00-05:00", "2024-01-01T00:00:00Z"), TAKES, READ, 1704067200},
    {AT("2024-01-01T00:00:00.000000000012Z", "2024-01-01T00:00:00Z"), TAKES, READ, 1704067200},
    {AT("2024-01-01T00:00:00z", "2024-01-01T00:00:00Z"), TAKES, READ, 1704067200},
    {AT("2024-01-01T02:00:00+0200", "2024-01-01T00:00:00Z"), TAKES, READ, 0},
    {AT("1969-12-31T23:59:59Z", "2024-01-01T00:00:00Z"), TAKES, READ, 0},
    {AT("2024-01-01T00:00:00", "2024-01-01T00:00:00Z"), SETS_ASIDE, READ, 0},
    {AT("yesterday", "2024-01-01T00:00:00Z"), SETS_ASIDE, READ, 0},
    {V2("\"global/a\":{\"value\":\"v\"}"), SETS_ASIDE, READ, 0},
    {V2("\"global/a\":{\"value\":\"v\",\"metadata\":{}}"), SETS_ASIDE, READ, 0},
    {V2("\"global/a\":{\"value\":\"v\",\"metadata\":null}"), SETS_ASIDE, READ, 0},
    /* values and keys */
    {V2("\"gl\\u006fbal/a\":{\"value\":\"\\u0076\"," META "}"), TAKES, READ, 1704067200},
    {V2("\"global/a\":{\"value\":\"\"," META "}"), TAKES, DAMAGED, 0},
    {V2("\"global/a\":" R ",\"global/a\":" R), TAKES, DAMAGED, 0},
    {V2("\"global/a\":{\"value\":7," META "}"), SETS_ASIDE, DAMAGED, 0},
    {V2("\"global/a\":{\"value\":\"v\",\"value\":\"w\"," META "}"), SETS_ASIDE, DAMAGED, 0},
    {V2("\"global/a\":{\"value\":\"\\ud800\"," META "}"), SETS_ASIDE, DAMAGED, 0},
    {V2("\"global/a\":\"v\""), SETS_ASIDE, DAMAGED, 0},
    /* versions */
    {"{\"secrets\":{\"a\":" R "}}", TAKES, READ, 1704067200},
    {"{\"version\":0,\"secrets\":{\"a\":" R "}}", TAKES, READ, 1704067200},
    {"{\"version\":1,\"secrets\":{\"a\":" R ",\"org/x/b\":" R "}}", TAKES, READ, 1704067200},
    {"{\"secrets\":{\"global/a\":" R "},\"version\":2}", TAKES, READ, 1704067200},
    {"{\"version\":3,\"secrets\":{\"global/a\":" R "}}", TAKES, REFUSED, 0},
    {"{\"version\":2.0,\"secrets\":{\"global/a\":" R "}}", SETS_ASIDE, READ, 1704067200},
    {"{\"version\":\"2\",\"secrets\":{\"global/a\":" R "}}", SETS_ASIDE, REFUSED, 0},
    {"{\"version\":null,\"secrets\":{}}", SETS_ASIDE, REFUSED, 0},
    {"{\"a\":" R "}", SETS_ASIDE, READ, 1704067200},
    {"{\"version\":2}", SETS_ASIDE, REFUSED, 0},
    {"{\"version\":2,\"secrets\":{},\"secrets\":{}}", SETS_ASIDE, REFUSED, 0},
    {"{\"version\":2,\"secrets\":[]}", SETS_ASIDE, REFUSED, 0},
    {"[]", SETS_ASIDE, REFUSED, 0},
    /* no JSON */
    {"\xef\xbb\xbf" V2("\"global/a\":" R), SETS_ASIDE, READ, 1704067200},
    {V2("\"global/a\":" R ","), SETS_ASIDE, REPLACED, 0},
    {V2("\"global/a\":" R) " x", SETS_ASIDE, REPLACED, 0},
    {"", SETS_ASIDE, REPLACED, 0},
};

static void set(struct store_secret *out, const char *text)
{
    assert_int_equal(store_secret_set(out, text, strlen(text)), STORE_OK);
}

/* True if SideSeat's reader accepts a text, by the table: a version, and for each secret a value
 * and both times. */
static bool sideseat_takes(const struct store_secret *text)
{
    AUTO_JSON document = NULL;
    struct json_value secrets;
    int64_t version;

    if (json_read(&document, text, NULL) != STORE_OK || text->data[0] == 0xef)
        return false;
    secrets = json_member(json_root(document), "secrets");
    if (json_whole(json_member(json_root(document), "version"), &version) != STORE_OK ||
        version != 2 || json_type(secrets) != JSON_OBJECT)
        return false;
    for (struct json_value v = json_first(secrets); v.document != NULL; v = json_next(v)) {
        char created[64];
        char updated[64];
        if (json_type(json_member(v, "value")) != JSON_STRING ||
            json_text(json_path(v, "metadata", "created_at", NULL), created, 64) != STORE_OK ||
            json_text(json_path(v, "metadata", "updated_at", NULL), updated, 64) != STORE_OK ||
            store_time_parse(created, strlen(created)) == 0 ||
            store_time_parse(updated, strlen(updated)) == 0)
            return false;
    }
    return true;
}

static enum ours read_row(const struct row *row, const struct file_document *document)
{
    const struct file_key *key = file_keys_find(document->keys, "global/a");
    AUTO_RECORD record = {0};
    enum store_err err;

    if (key == NULL)
        return EMPTY;
    err = file_document_extract(document, key, true, &record);
    if (err == STORE_CORRUPT)
        return DAMAGED;
    assert_int_equal(err, STORE_OK);
    assert_true(store_secret_equal(&record.value, "v", 1));
    assert_int_equal(record.created_ns / 1000000000, row->created_s);
    return READ;
}

static void each_document_is_read_as_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct file_document document = {0};
        AUTO_SECRET text = {0};
        char why[128] = "";
        bool parses;
        enum store_err err;
        enum ours ours = REFUSED;
        set(&text, rows[i].text);
        err = file_document_read(&document, &text, &parses, why);
        if (err == STORE_OK)
            ours = read_row(&rows[i], &document);
        else if (!parses)
            ours = REPLACED;
        else /* and never that memory is short, or that something is absent */
            assert_true(err == STORE_CORRUPT || err == STORE_UNAVAILABLE);
        if (ours != rows[i].ours)
            fail_msg("row %zu is %d, not %d: %s", i, (int)ours, (int)rows[i].ours, rows[i].text);
        file_document_clear(&document);
    }
}

/* After a write of the key, in any state before; and without a write, after the migration of an old
 * version or the salvage of a text that is not JSON. */
static void our_own_output_is_accepted(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct file_document document = {0};
        struct file_document changed = {0};
        struct file_edits edits;
        AUTO_SECRET text = {0};
        AUTO_SECRET value = {0};
        struct file_op op = {.key = "global/a", .value = &value};
        char why[128] = "";
        bool parses;
        size_t saved;
        set(&text, rows[i].text);
        set(&value, "new");
        if (rows[i].ours == REPLACED) {
            AUTO_SECRET fresh = {0};
            assert_int_equal(
                file_salvage(&text, "secrets.json.corrupt.1", INT64_MAX, &fresh, &saved), STORE_OK);
            assert_true(sideseat_takes(&fresh));
            store_secret_share(&text, &fresh);
        }
        if (file_document_read(&document, &text, &parses, why) != STORE_OK)
            continue;
        if (document.migrated)
            assert_true(sideseat_takes(&document.text));
        assert_int_equal(file_edits_plan(&edits, &document, &op), STORE_OK);
        if (op.err == STORE_OK) {
            assert_int_equal(file_edits_apply(&changed, &document, &edits), STORE_OK);
            if (!sideseat_takes(&changed.text) && strstr(rows[i].text, "2.0") == NULL)
                fail_msg("what row %zu becomes is not taken: %s", i, rows[i].text);
        }
        file_edits_clear(&edits);
        file_document_clear(&changed);
        file_document_clear(&document);
    }
}

static void records_without_times_get_some(void **state)
{
    static const char *const texts[] = {
        "{\"a\":{\"value\":\"v\"},\"b\":\"w\"}",
        "{\"secrets\":{\"a\":{\"value\":\"v\",\"metadata\":{\"created_at\":\"2024-01-01T00:00:"
        "00Z\"}}}}",
        V2("\"global/a\":{\"value\":\"v\"},\"global/"
           "b\":{\"value\":\"w\",\"note\":7,\"metadata\":null},"),
        "{\"a\":{\"value\":\"v\"},\"b\":\"w\",",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct file_document document = {0};
        AUTO_SECRET text = {0};
        AUTO_SECRET fresh = {0};
        char why[128] = "";
        bool parses;
        size_t saved;
        set(&text, texts[i]);
        if (i >= 2) {
            assert_int_equal(file_salvage(&text, "b", INT64_MAX, &fresh, &saved), STORE_OK);
            assert_int_equal(saved, 2);
            store_secret_share(&text, &fresh);
        }
        assert_int_equal(file_document_read(&document, &text, &parses, why), STORE_OK);
        assert_true(sideseat_takes(&document.text));
        file_document_clear(&document);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_document_is_read_as_the_table_says),
        cmocka_unit_test(our_own_output_is_accepted),
        cmocka_unit_test(records_without_times_get_some),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
