/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "short_memory.h"

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

/* A text with `count` secrets, some of them written with escapes. */
static void make_text(int version, int count, struct store_secret *out)
{
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);

    assert_non_null(stream);
    fputs("{\"secrets\":{", stream);
    for (int i = 0; i < count; i++)
        fprintf(stream, "%s\"%s%s%d\":{\"value\":\"%d%s\"}", i == 0 ? "" : ",",
                version == 1 ? "" : "org/a/", i % 7 == 0 ? "n\\u0061me" : "name", i, i,
                i % 5 == 0 ? "\\n" : "");
    fprintf(stream, "},\"version\":%d}", version);
    assert_int_equal(fclose(stream), 0);
    assert_int_equal(store_secret_set(out, text, size), STORE_OK);
    free(text);
}

/* Reads the text, again and again, until no allocation of it fails. */
static void read_until_it_succeeds(const struct store_secret *text, size_t count,
                                   struct file_document *out)
{
    enum store_err err = STORE_NO_MEMORY;

    for (unsigned long n = 1; err != STORE_OK; n++) {
        char why[128] = "";
        bool parses = false;
        short_memory_at = n;
        err = file_document_read(out, text, &parses, why);
        short_memory_at = 0;
        assert_true(err == STORE_OK || err == STORE_NO_MEMORY);
        assert_true(parses);
        if (err != STORE_OK) {
            assert_null(out->keys);
            assert_null(out->members);
            assert_int_equal(out->text.len, 0);
        }
        assert_true(n < 10000);
    }
    assert_int_equal(out->count, count);
    assert_int_equal(out->keys->count, count);
}

static void reading_runs_out_of_memory(void **state)
{
    AUTO_SECRET text = {0};
    struct file_document document = {0};

    (void)state;
    make_text(2, 300, &text);
    read_until_it_succeeds(&text, 300, &document);
    file_document_clear(&document);
}

static void migrating_runs_out_of_memory(void **state)
{
    AUTO_SECRET text = {0};
    struct file_document document = {0};

    (void)state;
    make_text(1, 40, &text);
    read_until_it_succeeds(&text, 40, &document);
    assert_true(document.migrated);
    file_document_clear(&document);
}

/* A new secret, and one that goes. */
static enum store_err change(const struct file_document *base, const struct store_secret *value,
                             struct file_document *out)
{
    struct file_op gone = {.key = "org/a/name1"};
    struct file_op fresh = {.key = "org/a/fresh", .value = value, .next = &gone};
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
    enum store_err err = STORE_NO_MEMORY;
    char why[128];
    bool parses;

    (void)state;
    make_text(2, 300, &text);
    assert_int_equal(store_secret_set(&value, "\0binary", 7), STORE_OK);
    assert_int_equal(file_document_read(&base, &text, &parses, why), STORE_OK);
    for (unsigned long n = 1; err != STORE_OK; n++) {
        short_memory_at = n;
        err = change(&base, &value, &changed);
        short_memory_at = 0;
        assert_true(err == STORE_OK || err == STORE_NO_MEMORY);
        assert_true(n < 10000);
    }
    assert_non_null(file_keys_find(changed.keys, "org/a/fresh"));
    assert_null(file_keys_find(changed.keys, "org/a/name1"));
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
