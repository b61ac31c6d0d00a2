/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file's document: the last bytes of the input choose a few writes and removes, and the spliced
 * document must be the same as a fresh reading of its text. Of a text that is not JSON, the salvage
 * must be a document in which every record is readable and is one of the input's.
 */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "backends/file/edit.h"
#include "backends/file/salvage.h"
#include "store/log.h"

#define OPS 4

/* Fails unless two documents say the same of the same text. */
static void expect_same(const struct file_document *a, const struct file_document *b)
{
    if (a->count != b->count || a->keys->count != b->keys->count || a->open != b->open ||
        a->close != b->close)
        FUZZ_CHECK(false);
    for (size_t i = 0; i < a->count; i++) {
        const struct file_member *x = &a->members[i];
        const struct file_member *y = &b->members[i];
        if (x->key != y->key || x->record != y->record || x->end != y->end ||
            x->damaged != y->damaged)
            FUZZ_CHECK(false);
        if (!x->damaged && (x->value != y->value || x->value_end != y->value_end ||
                            x->plain != y->plain || x->base64 != y->base64 ||
                            x->created_ns != y->created_ns || x->updated_ns != y->updated_ns))
            FUZZ_CHECK(false);
    }
    for (size_t i = 0; i < a->keys->count; i++) {
        const struct file_key *key = &a->keys->list[i];
        const struct file_key *other = file_keys_find(b->keys, key->name);
        if (other == NULL || other->member != key->member || other->twice != key->twice)
            FUZZ_CHECK(false);
    }
}

/* Reads every secret. */
static void take_all(const struct file_document *document)
{
    for (size_t i = 0; i < document->keys->count; i++) {
        AUTO_RECORD record = {0};
        (void)!file_document_extract(document, &document->keys->list[i], i % 2 == 0, &record);
    }
}

/* Chooses an operation by a byte of the input. */
static void choose(struct file_op ops[OPS], const struct file_document *document,
                   const struct store_secret values[2], const uint8_t *choices)
{
    static const char *const fresh[] = {"global/new", "org/a/\"q\\", "user/\xc3\xbc/n"};

    for (size_t i = 0; i < OPS; i++) {
        size_t choice = choices[i] % 32;
        memset(&ops[i], 0, sizeof ops[i]);
        if (choice < document->keys->count)
            ops[i].key = document->keys->list[choice].name;
        else
            ops[i].key = fresh[choice % 3];
        if (choices[i] < 160)
            ops[i].value = &values[choices[i] & 1];
        ops[i].next = i + 1 < OPS ? &ops[i + 1] : NULL;
    }
}

static void edit(const struct file_document *document, const uint8_t *choices)
{
    struct store_secret values[2] = {{0}};
    struct file_document changed = {0};
    struct file_document again = {0};
    struct file_edits edits = {0};
    struct file_op ops[OPS];
    char why[128];
    bool parses;

    if (store_secret_set(&values[0], "text \"and\" \n", 12) != STORE_OK ||
        store_secret_set(&values[1], "\0\xff", 2) != STORE_OK)
        FUZZ_CHECK(false);
    choose(ops, document, values, choices);
    if (file_edits_plan(&edits, document, ops) != STORE_OK ||
        file_edits_apply(&changed, document, &edits) != STORE_OK)
        FUZZ_CHECK(false);
    if (file_document_read(&again, &changed.text, &parses, why) != STORE_OK)
        FUZZ_CHECK(false);
    expect_same(&changed, &again);
    take_all(&changed);
    file_edits_clear(&edits);
    file_document_clear(&changed);
    file_document_clear(&again);
    store_secret_wipe(&values[0]);
    store_secret_wipe(&values[1]);
}

static void save(const struct store_secret *damaged)
{
    AUTO_SECRET text = {0};
    AUTO_SECRET ended = {0};
    struct file_document document = {0};
    size_t saved;
    char why[128];
    bool parses;

    if (file_salvage(damaged, "secrets.json.corrupt.1", INT64_MAX, &text, &saved) != STORE_OK ||
        file_document_read(&document, &text, &parses, why) != STORE_OK)
        FUZZ_CHECK(false);
    FUZZ_CHECK(document.mark.stands && document.count == saved && document.keys->count == saved);
    for (size_t i = 0; i < document.keys->count; i++) {
        AUTO_RECORD record = {0};
        FUZZ_CHECK(file_document_extract(&document, &document.keys->list[i], true, &record) ==
                   STORE_OK);
    }
    FUZZ_CHECK(file_mark_end(&text, &ended) == STORE_OK);
    file_document_clear(&document);
    FUZZ_CHECK(file_document_read(&document, &ended, &parses, why) == STORE_OK);
    FUZZ_CHECK(!document.mark.stands && document.count == saved);
    file_document_clear(&document);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    store_log_redirect(fuzz_drop_line, NULL);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_SECRET text = {0};
    struct file_document document = {0};
    char why[128];
    bool parses;

    if (size < OPS || store_secret_set(&text, data, size - OPS) != STORE_OK)
        return 0;
    if (file_document_read(&document, &text, &parses, why) != STORE_OK) {
        if (!parses)
            save(&text);
        return 0;
    }
    take_all(&document);
    edit(&document, data + size - OPS);
    file_document_clear(&document);
    return 0;
}
