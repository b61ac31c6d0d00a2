/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "backends/credential-manager/comment.h"
#include "backends/credential-manager/wide.h"
#include "store/utf8.h"

/* Another program may give a credential any name, comment and value. A key has one name, which is
 * back the same key whatever the case of its letters; a comment that is ours is what we write. */

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}

/* Windows compares names like this, at least. */
static void swap_case(char *text)
{
    for (; *text != '\0'; text++)
        if ((*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z'))
            *text = (char)(*text ^ 0x20);
}

static void key_check(const char *key)
{
    char name[TARGET_SIZE];
    char back[STORE_KEY_MAX + 1];
    char revision[TARGET_REVISION_SIZE];

    target_format(key, name);
    FUZZ_CHECK(target_parse(name, back) && strcmp(back, key) == 0);
    FUZZ_CHECK(!target_parse_part(name, back, revision));
    swap_case(name);
    FUZZ_CHECK(target_parse(name, back) && strcmp(back, key) == 0);
    target_format_part(key, "0123456789abcdef", 410, name);
    FUZZ_CHECK(target_parse_part(name, back, revision) && strcmp(back, key) == 0);
    FUZZ_CHECK(!target_parse(name, back));
}

static void name_check(const char *name)
{
    char key[STORE_KEY_MAX + 1];
    char again[TARGET_SIZE];
    char revision[TARGET_REVISION_SIZE];

    if (target_parse(name, key)) {
        FUZZ_CHECK(store_scope_parse(key, strlen(key), NULL) == STORE_OK);
        target_format(key, again);
        FUZZ_CHECK(strcasecmp(again, name) == 0);
    }
    if (target_parse_part(name, key, revision)) {
        FUZZ_CHECK(store_scope_parse(key, strlen(key), NULL) == STORE_OK);
        target_format_parts(key, again);
        FUZZ_CHECK(strncasecmp(again, name, strlen(again)) == 0);
    }
}

static void comment_check(const char *text)
{
    char again[COMMENT_SIZE];
    struct comment comment;

    comment_parse(text, &comment);
    if (comment.revision[0] == '\0') {
        FUZZ_CHECK(comment.bytes == 0 && comment.created_ns == 0 && comment.updated_ns == 0);
        return;
    }
    comment_format(&comment, again);
    FUZZ_CHECK(strcmp(again, text) == 0);
}

static void document_check(const uint8_t *data, size_t size)
{
    AUTO_SECRET wide = {0};
    AUTO_SECRET text = {0};

    FUZZ_CHECK(store_secret_set(&wide, data, size) == STORE_OK);
    if (wide_to_utf8(&wide, &text) == STORE_OK)
        FUZZ_CHECK(text.len > 0 && store_utf8_valid(text.data, text.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = strndup((const char *)data, size);

    FUZZ_CHECK(text != NULL);
    if (store_scope_parse(text, strlen(text), NULL) == STORE_OK)
        key_check(text);
    name_check(text);
    comment_check(text);
    document_check(data, size);
    free(text);
    return 0;
}
