/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/contract/contract.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Values and keys of every kind. */

/* The size that a store without a limit must accept. */
#define LARGE ((size_t)1 << 20)

static void round_trip(const struct store *store, const char *key, const void *value, size_t len)
{
    AUTO_SECRET written = {0};
    AUTO_RECORD found = {0};

    assert_err(store_secret_set(&written, value, len), STORE_OK);
    assert_err(store->backend->write(store->ctx, key, &written, NULL, NULL), STORE_OK);
    assert_err(contract_get(store, key, &found), STORE_OK);
    assert_int_equal(found.value.len, len);
    assert_memory_equal(found.value.data, value, len);
}

static void values_are_any_bytes(void **state)
{
    struct contract *c = *state;
    unsigned char all[256];

    for (size_t i = 0; i < sizeof all; i++)
        all[i] = (unsigned char)i;
    round_trip(&c->store, "global/all", all, sizeof all);
    round_trip(&c->store, "global/ff", all + 255, 1);
    round_trip(&c->store, "global/nul", "\0", 1);
    round_trip(&c->store, "global/nuls", "\0\0\0\0\0", 5);
    round_trip(&c->store, "global/in", "a\0b", 3);
    round_trip(&c->store, "global/end", "ab\0", 3);
    round_trip(&c->store, "global/utf8", "\xc3\xbc\xe2\x82\xac\xf0\x9f\x94\x91", 9);
    round_trip(&c->store, "global/overlong", "\xc0\x80", 2);
    round_trip(&c->store, "global/surrogate", "\xed\xa0\x80", 3);
    round_trip(&c->store, "global/half", "caf\xc3", 4);
    round_trip(&c->store, "global/bom", "\xef\xbb\xbfx", 4);
}

static void values_that_look_like_something_stay_as_they_are(void **state)
{
    static const char *const values[] = {
        "\n",
        "line\nline\r\n",
        " space ",
        "\t",
        "null",
        "true",
        "0",
        "{}",
        "{\"value\": \"x\", \"metadata\": {}}",
        "{\"value\": \"eA==\", \"encoding\": \"base64\"}",
        "\"quoted\"",
        "back\\slash \\u0041 \\n",
        "aGVsbG8=",
        "%41%00",
        "$HOME `id` ; rm -rf '",
        "<a href=\"x\">&amp;</a>",
        "\x1b[31mred\x7f",
    };
    struct contract *c = *state;

    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        round_trip(&c->store, "global/odd", values[i], strlen(values[i]));
}

static void values_have_any_length_up_to_the_limit(void **state)
{
    static const size_t sizes[] = {1,    2,    3,    15,   16,    17,    126,   127,   128,
                                   129,  255,  256,  257,  1023,  2048,  2559,  2560,  2561,
                                   4095, 4096, 4097, 9999, 32766, 32767, 32768, 65535, 65536};
    struct contract *c = *state;
    size_t limit = c->harness->value_max == 0 ? LARGE : c->harness->value_max;
    size_t binary;
    unsigned char *value;

    if (c->harness->value_room != 0)
        limit = c->harness->value_room;
    binary = c->harness->binary_max == 0 ? limit : c->harness->binary_max;
    value = malloc(limit);
    assert_non_null(value);
    for (size_t i = 0; i < limit; i++)
        value[i] = (unsigned char)(i * 31 + i / 251);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0] && sizes[i] < binary; i++)
        round_trip(&c->store, "global/sized", value, sizes[i]);
    round_trip(&c->store, "global/sized", value, binary);
    memset(value, 'x', limit);
    round_trip(&c->store, "global/text", value, limit);
    memset(value, '\\', limit);
    round_trip(&c->store, "global/text", value, 1);
    free(value);
}

static void a_value_over_the_limit_is_refused_and_changes_nothing(void **state)
{
    struct contract *c = *state;
    size_t len = c->harness->value_max + c->harness->value_spare + 1;
    AUTO_SECRET value = {0};
    unsigned char *bytes;

    if (c->harness->value_max == 0)
        skip();
    assert_err(contract_put(&c->store, "global/a", "kept", NULL, NULL), STORE_OK);
    assert_err(store_secret_resize(&value, len, &bytes), STORE_OK);
    memset(bytes, 'x', len);
    assert_err(c->store.backend->write(c->store.ctx, "global/a", &value, NULL, NULL),
               STORE_TOO_BIG);
    assert_err(c->store.backend->write(c->store.ctx, "global/b", &value, NULL, NULL),
               STORE_TOO_BIG);
    contract_expect(&c->store, "global/a", "kept");
    contract_expect(&c->store, "global/b", NULL);
}

/* Keys that a store could mistake for something else or for one another. */
static const char *const odd_keys[] = {
    "global/a",
    "global/A",
    "global/a ",
    "global/ a",
    "global/ ",
    "global/.",
    "global/..",
    "global/...",
    "global/a.",
    "global/.hidden",
    "global/-",
    "global/--help",
    "global/a-b",
    "global/a_b",
    "global/A_B",
    "global/100%",
    "global/%",
    "global/%2F",
    "global/%2f",
    "global/%00",
    "global/a+b",
    "global/a%20b",
    "global/a b",
    "global/a&b=c?d#e",
    "global/'",
    "global/\"",
    "global/\\",
    "global/\\n",
    "global/`$(id)`",
    "global/{\"a\":1}",
    "global/[0]",
    "global/*",
    "global/a:b;c,d|e",
    "global/<x>",
    "global/@~!^=",
    "global/null",
    "global/data",
    "global/metadata",
    "global/version",
    "global/\xc3\xbc",
    "global/u\xcc\x88", /* the same letter, decomposed: another key */
    "global/\xe2\x82\xac",
    "global/\xe6\x97\xa5\xe6\x9c\xac",
    "global/\xf0\x9f\x94\x91",
    "global/\xc2\xa0",
    "global/\342\200\256evil",
    "global/\xef\xbb\xbf",
    "org/global/a",
    "org/../a",
    "org/./a",
    "org/a/..",
    "org/%2e%2e/a",
    "org/A/a",
    "org/a/a",
    "org/a b/c d",
    "project/a/a",
    "user/a/a",
    "user/u@example.com/a",
    "org/a/a/b",
    "org/a/a/a",
    "org/a/b/a",
    "org/a/a_b",
    "org/a/a%2Fb",
    "org/a/global/a",
    "org/a//a",
    "org/a/a/",
    "org/a/a//b",
    "org/a/a/./b",
    "org/a/a/../b",
    "org/a/a/ /b",
    "org/a//",
};
#define ODD_KEYS (sizeof odd_keys / sizeof odd_keys[0])

/* True if a part of the key is "", "." or "..", or it has a no-break space, a byte order mark or a
 * direction override: stores whose keys are paths refuse these. */
static bool no_path(const char *key)
{
    size_t len;

    if (strstr(key, "\xc2\xa0") != NULL || strstr(key, "\xef\xbb\xbf") != NULL ||
        strstr(key, "\342\200\256") != NULL)
        return true;
    for (;; key += len + 1) {
        len = strcspn(key, "/");
        if (len <= 2 && strspn(key, ".") >= len)
            return true;
        if (key[len] == '\0')
            return false;
    }
}

/* The odd keys that this store takes, ended by NULL. The others are refused and not stored. */
static size_t odd_keys_taken(const struct contract *c, const char *taken[ODD_KEYS + 1])
{
    size_t count = 0;

    for (size_t i = 0; i < ODD_KEYS; i++) {
        if (!c->harness->keys_are_paths || !no_path(odd_keys[i])) {
            taken[count++] = odd_keys[i];
            continue;
        }
        assert_err(contract_put(&c->store, odd_keys[i], "x", NULL, NULL), STORE_BAD_KEY);
        assert_err(contract_get(&c->store, odd_keys[i], &(struct store_record){0}), STORE_BAD_KEY);
    }
    taken[count] = NULL;
    return count;
}

static void no_key_is_taken_for_another(void **state)
{
    struct contract *c = *state;
    const char *all[ODD_KEYS + 1];
    size_t count = odd_keys_taken(c, all);
    char value[32];

    for (size_t i = 0; i < count; i++) {
        contract_expect(&c->store, all[i], NULL);
        snprintf(value, sizeof value, "value %zu", i);
        assert_err(contract_put(&c->store, all[i], value, NULL, NULL), STORE_OK);
    }
    for (size_t i = 0; i < count; i++) {
        snprintf(value, sizeof value, "value %zu", i);
        contract_expect(&c->store, all[i], value);
    }
    contract_expect_keys(&c->store, "", all);
    for (size_t i = 0; i < count; i += 2)
        assert_err(c->store.backend->remove(c->store.ctx, all[i], NULL), STORE_OK);
    for (size_t i = 0; i < count; i++) {
        snprintf(value, sizeof value, "value %zu", i);
        contract_expect(&c->store, all[i], i % 2 == 0 ? NULL : value);
    }
}

/* A key of `len` bytes: `prefix`, then as many `fill` as fit, then as many 'x' as are missing. */
static void fill_key(char *key, size_t len, const char *prefix, const char *fill)
{
    size_t at = strlen(prefix);
    size_t step = strlen(fill);

    memset(key, 'x', len);
    memcpy(key, prefix, at);
    for (; at + step <= len; at += step)
        memcpy(key + at, fill, step);
    key[len] = '\0';
}

static void keys_may_be_as_long_as_keys_get(void **state)
{
    static const char *const fills[] = {"k", "\xf0\x9f\x94\x91", "A", "%", " ", "\\", "\""};
    struct contract *c = *state;
    size_t longest = c->harness->key_max == 0 ? STORE_KEY_MAX : c->harness->key_max;
    char key[STORE_KEY_MAX + 1];

    for (size_t i = 0; i < sizeof fills / sizeof fills[0]; i++) {
        fill_key(key, longest, "org/acme/", fills[i]);
        assert_err(store_scope_parse(key, longest, NULL), STORE_OK);
        assert_err(contract_put(&c->store, key, "long", NULL, NULL), STORE_OK);
        contract_expect(&c->store, key, "long");
        contract_expect_keys(&c->store, "org/acme/", (const char *const[]){key, NULL});
        assert_err(c->store.backend->remove(c->store.ctx, key, NULL), STORE_OK);
        contract_expect(&c->store, key, NULL);
    }
}

static void keys_that_differ_at_the_very_end_are_two(void **state)
{
    struct contract *c = *state;
    size_t longest = c->harness->key_max == 0 ? STORE_KEY_MAX : c->harness->key_max;
    char one[STORE_KEY_MAX + 1];
    char two[STORE_KEY_MAX + 1];

    fill_key(one, longest, "user/u1/", "k");
    strcpy(two, one);
    two[longest - 1] = 'j';
    assert_err(contract_put(&c->store, one, "one", NULL, NULL), STORE_OK);
    assert_err(contract_put(&c->store, two, "two", NULL, NULL), STORE_OK);
    contract_expect(&c->store, one, "one");
    contract_expect(&c->store, two, "two");
}

void contract_value_cases(struct contract_list *list)
{
    CONTRACT_ADD(list, values_are_any_bytes);
    CONTRACT_ADD(list, values_that_look_like_something_stay_as_they_are);
    CONTRACT_ADD(list, values_have_any_length_up_to_the_limit);
    CONTRACT_ADD(list, a_value_over_the_limit_is_refused_and_changes_nothing);
    CONTRACT_ADD(list, no_key_is_taken_for_another);
    CONTRACT_ADD(list, keys_may_be_as_long_as_keys_get);
    CONTRACT_ADD(list, keys_that_differ_at_the_very_end_are_two);
}
