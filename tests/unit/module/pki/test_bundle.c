/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/module/check.h"

#include <stdio.h>

#include "module/pki/bundle.h"
#include "tests/unit/module/pki/keys.h"

/* The blocks of PEM in a text, and what is text beside them (RFC 7468, 2: data "before the
 * encapsulation boundaries are permitted"). */

#define CUT "-----BEGIN PRIVATE KEY-----\nMC4CAQAw\n"

/* The parts of the text up to the first error, which it gives. */
static enum store_err read_all(const char *text, enum bundle_kind kinds[4])
{
    AUTO_SECRET value = {0};
    enum store_err err = STORE_OK;
    size_t at = 0;

    memset(kinds, 0, 4 * sizeof *kinds);
    assert_int_equal(store_secret_set(&value, text, strlen(text)), STORE_OK);
    for (size_t i = 0; err == STORE_OK; i++) {
        AUTO_PART part = {0};
        err = bundle_next(&value, &at, &part);
        assert_true(i < 4 || err != STORE_OK);
        if (err == STORE_OK)
            kinds[i] = part.kind;
    }
    return err;
}

static void text_beside_the_blocks_has_no_meaning(void **state)
{
    static const char *const texts[] = {
        P256_PKCS8,
        "see the line -----BEGIN below\n" P256_PKCS8,
        "the block -----BEGIN PRIVATE KEY----- is it\n" P256_PKCS8,
        "-----BEGIN PRIVATE KEY----- begins it\n" P256_PKCS8,
        "-----BEGIN \n-----BEGIN x\n-----END x-----\n" P256_PKCS8 "-----BEGIN OTHER-----\n",
        "-----BEGIN OTHER-----\n" P256_PKCS8 "-----END OTHER-----\n",
        "-----BEGIN OTHER-----\nno base64!\n-----END OTHER-----\n" P256_PKCS8,
        P256_PKCS8 "and -----BEGIN PRIVATE KEY-----\nagain",
    };
    enum bundle_kind kinds[4];

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        assert_int_equal(read_all(texts[i], kinds), STORE_NOT_FOUND);
        assert_int_equal(kinds[0], BUNDLE_PKCS8);
        assert_int_equal(kinds[1], 0);
    }
}

static void a_block_of_a_key_or_certificate_without_an_end_is_damaged(void **state)
{
    static const char *const texts[] = {
        CUT,
        "a note\n" CUT P256_PKCS8,
        P256_PKCS8 CUT,
        "-----BEGIN CERTIFICATE-----\nAAAA\n" P256_PKCS8,
        P256_PKCS8 "-----BEGIN CERTIFICATE-----\nAAAA\n",
        P256_PKCS8 "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n",
    };
    enum bundle_kind kinds[4];

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++)
        assert_int_equal(read_all(texts[i], kinds), STORE_CORRUPT);
}

/* A store's page or a variable may have put it on one line. */
static void blanks_may_stand_for_line_breaks(void **state)
{
    static const char *const before[] = {"", "key: ", "\xef\xbb\xbf", "see -----BEGIN "};
    enum bundle_kind kinds[4] = {0};

    (void)state;
    for (size_t i = 0; i < COUNT(before); i++) {
        char line[4096] = P256_PKCS8 RSA_CERTIFICATE;
        char text[4200];
        for (char *c = line; *c != '\0'; c++)
            *c = *c == '\n' ? ' ' : *c;
        snprintf(text, sizeof text, "%s%sand more", before[i], line);
        assert_int_equal(read_all(text, kinds), STORE_NOT_FOUND);
        assert_int_equal(kinds[0], BUNDLE_PKCS8);
        assert_int_equal(kinds[1], BUNDLE_CERTIFICATE);
    }
}

static void a_mark_before_and_a_zero_behind_it_are_ignored(void **state)
{
    static const char text[] = "\xef\xbb\xbf" P256_PKCS8; /* with its NUL */
    AUTO_SECRET value = {0};
    AUTO_PART part = {0};
    size_t at = 0;

    (void)state;
    assert_int_equal(store_secret_set(&value, text, sizeof text), STORE_OK);
    assert_int_equal(bundle_next(&value, &at, &part), STORE_OK);
    assert_int_equal(part.kind, BUNDLE_PKCS8);
    assert_int_equal(bundle_next(&value, &at, &part), STORE_NOT_FOUND);
}

/* RFC 7468, 3: CR, LF or both end a line; blanks are ignored. */
static void each_line_break_and_blanks_around_a_line_are_right(void **state)
{
    static const char *const breaks[] = {"\n", "\r\n", "\r", "\n  \t", " \r\n"};
    enum bundle_kind kinds[4];

    (void)state;
    for (size_t i = 0; i < COUNT(breaks); i++) {
        char text[2048] = "";
        size_t len = 0;
        for (const char *c = P256_PKCS8; *c != '\0'; c++) {
            const char *part = *c == '\n' ? breaks[i] : (const char[]){*c, '\0'};
            len += (size_t)snprintf(text + len, sizeof text - len, "%s", part);
        }
        assert_int_equal(read_all(text, kinds), STORE_NOT_FOUND);
        assert_int_equal(kinds[0], BUNDLE_PKCS8);
    }
}

static void expect_without(const char *text, const char *rest)
{
    AUTO_SECRET value = {0};
    AUTO_SECRET out = {0};
    AUTO_PART part = {0};
    size_t at = 0;

    assert_int_equal(store_secret_set(&value, RSA_CERTIFICATE, strlen(RSA_CERTIFICATE)), STORE_OK);
    assert_int_equal(bundle_next(&value, &at, &part), STORE_OK);
    assert_int_equal(store_secret_set(&value, text, strlen(text)), STORE_OK);
    if (rest == NULL) {
        assert_int_equal(
            bundle_without(&value, (struct der){part.bytes.data, part.bytes.len}, &out),
            STORE_NOT_FOUND);
        return;
    }
    assert_int_equal(bundle_without(&value, (struct der){part.bytes.data, part.bytes.len}, &out),
                     STORE_OK);
    assert_true(store_secret_equal(&out, rest, strlen(rest)));
}

static void all_but_the_blocks_of_the_certificate_stays(void **state)
{
    (void)state;
    expect_without(RSA_CERTIFICATE, "");
    expect_without("a\n" RSA_CERTIFICATE "b\n", "a\nb\n");
    expect_without(CHAIN_CERTIFICATE "a" RSA_PKCS8, NULL);
    expect_without(RSA_CERTIFICATE "a\n" CHAIN_CERTIFICATE RSA_CERTIFICATE "b",
                   "a\n" CHAIN_CERTIFICATE "b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_beside_the_blocks_has_no_meaning),
        cmocka_unit_test(a_block_of_a_key_or_certificate_without_an_end_is_damaged),
        cmocka_unit_test(blanks_may_stand_for_line_breaks),
        cmocka_unit_test(a_mark_before_and_a_zero_behind_it_are_ignored),
        cmocka_unit_test(each_line_break_and_blanks_around_a_line_are_right),
        cmocka_unit_test(all_but_the_blocks_of_the_certificate_stays),
    };

    return cmocka_run_group_tests_name("bundle", tests, NULL, NULL);
}
