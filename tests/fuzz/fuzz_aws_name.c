/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "backends/aws/name.h"

/* A scope key has one name, which is back the same key; a name that is a key's is that key's only
 * one. */

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}

static void key_check(const char *key)
{
    char name[AWS_NAME_MAX + 1];
    char back[STORE_KEY_MAX + 1];
    size_t len = 0;

    if (aws_name_encode("p/q", key, name, &len) != STORE_OK) {
        FUZZ_CHECK(len > AWS_NAME_MAX);
        return;
    }
    FUZZ_CHECK(len == strlen(name));
    FUZZ_CHECK(strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                            "/_+=.@-") == len);
    FUZZ_CHECK(aws_name_decode("p/q", name, len, back));
    FUZZ_CHECK(strcmp(back, key) == 0);
}

static void name_check(const char *name, size_t len)
{
    char key[STORE_KEY_MAX + 1];
    char again[AWS_NAME_MAX + 1];

    if (!aws_name_decode("", name, len, key))
        return;
    FUZZ_CHECK(store_scope_parse(key, strlen(key), NULL) == STORE_OK);
    FUZZ_CHECK(aws_name_encode("", key, again, NULL) == STORE_OK);
    FUZZ_CHECK(strlen(again) == len && memcmp(again, name, len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = strndup((const char *)data, size);

    FUZZ_CHECK(text != NULL);
    if (store_scope_parse(text, strlen(text), NULL) == STORE_OK)
        key_check(text);
    name_check((const char *)data, size <= AWS_NAME_MAX ? size : AWS_NAME_MAX);
    free(text);
    return 0;
}
