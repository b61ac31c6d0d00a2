/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/fault/short_memory.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/file/edit.h"

/*
 * Memory runs out at the first allocation that reading or changing a document makes, at the second,
 * and so on. It must say that it was memory: a file that is called corrupt is set aside. Nothing is
 * left behind, which the sanitizers see.
 */

/* A text with `count` secrets, some of them written with escapes; of a v1 text, some of them
 * without metadata. */
static void make_text(int version, int count, struct store_secret *out)
{
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);

    assert_non_null(stream);
    fputs("{\"secrets\":{", stream);
    for (int i = 0; i < count; i++) {
        bool bare = version == 1 && i % 3 == 0;
        fprintf(stream, "%s\"%s%s%d\":%s\"%d%s\"%s", i == 0 ? "" : ",",
                version == 1 ? "" : "global/", i % 7 == 0 ? "n\\u0061me" : "name", i,
                bare ? "" : "{\"value\":", i, i % 2 == 0 ? "\\n" : "", bare ? "" : "}");
    }
    fprintf(stream, "},\"version\":%d}", version);
    assert_int_equal(fclose(stream), 0);
    assert_int_equal(store_secret_set(out, text, size), STORE_OK);
    free(text);
}

/* Every secret is as in the text. */
static void expect_all(const struct file_document *document, int count)
{
    assert_int_equal(document->count, count);
    assert_int_equal(document->keys->count, count);
    for (int i = 0; i < count; i++) {
        AUTO_RECORD record = {0};
        char key[32];
        char value[32];
        snprintf(key, sizeof key, "global/name%d", i);
        snprintf(value, sizeof value, "%d%s", i, i % 2 == 0 ? "\n" : "");
        assert_int_equal(
            file_document_extract(document, file_keys_find(document->keys, key), true, &record),
            STORE_OK);
        assert_true(store_secret_equal(&record.value, value, strlen(value)));
    }
}

/* Reads the text with each allocation failing in turn: each time the error is NO_MEMORY, or all
 * secrets are there. */
static void read_short_of_memory(const struct store_secret *text, int count,
                                 struct file_document *out)
{
    bool reached = true;

    for (unsigned long n = 1; reached; n++) {
        char why[128] = "";
        bool parses = false;
        enum store_err err;
        file_document_clear(out);
        short_memory_at = n;
        err = file_document_read(out, text, &parses, why);
        reached = short_memory_at == 0;
        short_memory_at = 0;
        assert_true(parses);
        if (err == STORE_OK) {
            expect_all(out, count);
            continue;
        }
        assert_true(reached);
        assert_int_equal(err, STORE_NO_MEMORY);
        assert_null(out->keys);
        assert_null(out->members);
        assert_int_equal(out->text.len, 0);
    }
}

static void reading_runs_out_of_memory(void **state)
{
    AUTO_SECRET text = {0};
    struct file_document document = {0};

    (void)state;
    make_text(2, 300, &text);
    read_short_of_memory(&text, 300, &document);
    file_document_clear(&document);
}

static void migrating_runs_out_of_memory(void **state)
{
    AUTO_SECRET text = {0};
    struct file_document document = {0};

    (void)state;
    make_text(1, 40, &text);
    read_short_of_memory(&text, 40, &document);
    assert_true(document.migrated);
    file_document_clear(&document);
}

/* A new secret, and one that goes. */
static enum store_err change(const struct file_document *base, const struct store_secret *value,
                             struct file_document *out)
{
    struct file_op gone = {.key = "global/name1"};
    struct file_op fresh = {.key = "global/fresh", .value = value, .next = &gone};
    struct file_edits edits = {0};
    enum store_err err = file_edits_plan(&edits, base, &fresh);

    if (err == STORE_OK)
        err = file_edits_apply(out, base, &edits);
    file_edits_clear(&edits);
    if (err == STORE_OK)
        err = fresh.err != STORE_OK ? fresh.err : gone.err;
    if (err != STORE_OK)
        file_document_clear(out); /* which may have one of the two */
    return err;
}

static void changing_runs_out_of_memory(void **state)
{
    AUTO_SECRET text = {0};
    AUTO_SECRET value = {0};
    struct file_document base = {0};
    struct file_document changed = {0};
    enum store_err err;
    bool reached = true;
    char why[128];
    bool parses;

    (void)state;
    make_text(2, 300, &text);
    assert_int_equal(store_secret_set(&value, "\0binary", 7), STORE_OK);
    assert_int_equal(file_document_read(&base, &text, &parses, why), STORE_OK);
    for (unsigned long n = 1; reached; n++) {
        file_document_clear(&changed);
        short_memory_at = n;
        err = change(&base, &value, &changed);
        reached = short_memory_at == 0;
        short_memory_at = 0;
        assert_true(err == STORE_OK || (reached && err == STORE_NO_MEMORY));
        if (err != STORE_OK)
            continue;
        assert_non_null(file_keys_find(changed.keys, "global/fresh"));
        assert_null(file_keys_find(changed.keys, "global/name1"));
    }
    assert_int_equal(base.keys->count, 300);
    file_document_clear(&changed);
    file_document_clear(&base);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reading_runs_out_of_memory),
        cmocka_unit_test(migrating_runs_out_of_memory),
        cmocka_unit_test(changing_runs_out_of_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
