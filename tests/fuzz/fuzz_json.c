/* SPDX-License-Identifier: Apache-2.0 */
/* JSON that carries secrets: read, walked with every getter, written again, and read once more. */
#include "tests/fuzz/fuzz.h"

#include "core/json.h"
#include "core/json_record.h"

/* Every getter, on every value. */
static void get_all(struct json_value value)
{
    AUTO_SECRET secret = {0};
    AUTO_RECORD record = {0};
    char text[16];
    int64_t number;
    bool flag;

    (void)!json_bytes(value, &secret);
    (void)!json_text(value, text, sizeof text);
    (void)!json_key(value, &secret);
    (void)!json_key_text(value, text, sizeof text);
    (void)!json_whole(value, &number);
    (void)!json_seconds(value, &number);
    (void)!json_flag(value, &flag);
    (void)!record_parse(value, &record);
    (void)json_type(json_member(value, "value"));
    json_raw(value, &secret);
}

/* Copies a value member by member; false where a key or string has a lone surrogate. */
static bool copy(struct json_writer *w, struct json_value value)
{
    bool object = json_type(value) == JSON_OBJECT;
    AUTO_SECRET secret = {0};

    get_all(value);
    if (!object && json_type(value) != JSON_ARRAY) {
        if (json_type(value) != JSON_STRING) {
            json_raw(value, &secret);
            json_write_raw(w, &secret);
            return true;
        }
        if (json_bytes(value, &secret) != STORE_OK)
            return false;
        json_write_string(w, secret.data, secret.len);
        return true;
    }
    object ? json_write_object(w) : json_write_array(w);
    for (struct json_value v = json_first(value); v.document != NULL; v = json_next(v)) {
        if (object && json_key(v, &secret) != STORE_OK)
            return false;
        if (object)
            json_write_key_bytes(w, secret.data, secret.len);
        if (!copy(w, v))
            return false;
    }
    object ? json_write_object_end(w) : json_write_array_end(w);
    return true;
}

static struct json_document *read_text(const struct store_secret *text)
{
    struct json_document *document = NULL;
    size_t where;

    return json_read(&document, text, &where) == STORE_OK ? document : NULL;
}

#define KEY "secrets"

/* Where in the whole document the member is that is given away next. */
struct expected {
    struct json_value outer;
    struct json_value member;
};

/* Moves to the first member of the next object under KEY, if there is none yet. */
static void find_expected(struct expected *expected)
{
    while (expected->member.document == NULL && expected->outer.document != NULL) {
        struct json_value outer = expected->outer;
        if (json_type(outer) == JSON_OBJECT && json_key_is(outer, KEY))
            expected->member = json_first(outer);
        expected->outer = json_next(outer);
    }
}

static enum store_err compare_given(void *arg, struct json_value given)
{
    struct expected *expected = arg;
    struct json_span a = json_span(given);
    struct json_span b;
    struct json_span a_key = json_key_span(given);
    struct json_span b_key;

    find_expected(expected);
    b = json_span(expected->member);
    b_key = json_key_span(expected->member);
    FUZZ_CHECK(expected->member.document != NULL &&
               json_type(given) == json_type(expected->member));
    FUZZ_CHECK(json_count(given) == json_count(expected->member));
    FUZZ_CHECK(a.start == b.start && a.len == b.len);
    FUZZ_CHECK(a_key.start == b_key.start && a_key.len == b_key.len);
    expected->member = json_next(expected->member);
    return STORE_OK;
}

/* The members passed on during a reading are those of the whole document. */
static void read_apart(const struct store_secret *text, const struct json_document *whole)
{
    AUTO_JSON rest = NULL;
    struct expected expected = {0};
    size_t where;

    if (json_type(json_root(whole)) == JSON_OBJECT)
        expected.outer = json_first(json_root(whole));
    FUZZ_CHECK(json_read_members(&rest, text, KEY, compare_given, &expected, &where) == STORE_OK);
    find_expected(&expected);
    FUZZ_CHECK(expected.member.document == NULL);
    FUZZ_CHECK(json_count(json_root(rest)) == json_count(json_root(whole)));
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_SECRET text = {0};
    AUTO_SECRET again = {0};
    AUTO_SECRET third = {0};
    struct json_writer *w;
    AUTO_JSON document = NULL;
    AUTO_JSON copied = NULL;

    if (store_secret_set(&text, data, size) != STORE_OK || (document = read_text(&text)) == NULL)
        return 0;
    read_apart(&text, document);
    if (json_write_begin(&w) != STORE_OK)
        return 0;
    if (!copy(w, json_root(document))) {
        json_write_drop(w);
        return 0;
    }
    /* A reading of our own output gives the same output again. */
    if (json_write_end(w, &again) != STORE_OK || (copied = read_text(&again)) == NULL)
        FUZZ_CHECK(false);
    if (json_write_begin(&w) != STORE_OK)
        return 0;
    if (!copy(w, json_root(copied)) || json_write_end(w, &third) != STORE_OK ||
        !store_secret_equal(&third, again.data, again.len))
        FUZZ_CHECK(false);
    return 0;
}
