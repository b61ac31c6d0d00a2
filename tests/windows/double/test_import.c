/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/windows/credential_fixture.h"

#include <string.h>

#include "tests/windows/double/double.h"

/* The import of the one document of SideSeat's older versions. */

#define DOCUMENT                                                                                   \
    "{\"version\": 2, \"secrets\": {\"global/a\": {\"value\": \"" VALUE "\", \"metadata\": {}}, "  \
    "\"org/Acme/b\": {\"value\": \"" OTHER_VALUE " \xc3\xbc\xf0\x9f\x94\x91\"}, "                  \
    "\"global/bad\": {}}}"

/* Puts the document as sideseat does: UTF-16LE without a NUL. The text is UTF-8. */
static void put_document(const char *text)
{
    unsigned char wide[2 * 1024];
    size_t len = 0;

    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
        unsigned code = *c;
        unsigned more = code >= 0xf0 ? 3 : code >= 0xe0 ? 2 : code >= 0xc0 ? 1 : 0;

        code &= more == 0 ? 0x7fu : 0x3fu >> more;
        for (; more > 0; more--)
            code = code << 6 | (*++c & 0x3fu);
        if (code >= 0x10000) {
            unsigned high = 0xd800 + ((code - 0x10000) >> 10);

            wide[len++] = (unsigned char)high;
            wide[len++] = (unsigned char)(high >> 8);
            code = 0xdc00 + ((code - 0x10000) & 0x3ff);
        }
        wide[len++] = (unsigned char)code;
        wide[len++] = (unsigned char)(code >> 8);
    }
    double_put("vault.sideseat", "keyring v3.6.3", wide, len);
}

static void the_document_is_imported_once_and_left(void **state)
{
    size_t count;

    (void)state;
    put_document(DOCUMENT);
    fixture_expect("global/a", VALUE);
    fixture_expect("org/Acme/b", OTHER_VALUE " \xc3\xbc\xf0\x9f\x94\x91");
    assert_err(fixture_list(&count), STORE_OK);
    assert_int_equal(count, 2);
    assert_int_equal(fixture_logged("imported 2 secrets of an older document, and left out 1"), 1);
    assert_err(fixture_remove("global/a", NULL), STORE_OK);
    fixture_open();
    fixture_expect("global/a", NULL); /* it does not come back */
    fixture_expect("org/Acme/b", OTHER_VALUE " \xc3\xbc\xf0\x9f\x94\x91");
    assert_int_equal(fixture_logged(""), 1);
    assert_int_equal(double_count("vault.sideseat"), 1);
}

static void a_secret_that_exists_is_newer_than_the_document(void **state)
{
    (void)state;
    assert_err(fixture_put("global/a", "s3cret newer", NULL, NULL), STORE_OK);
    put_document(DOCUMENT);
    fixture_open();
    fixture_expect("global/a", "s3cret newer");
    fixture_expect("org/Acme/b", OTHER_VALUE " \xc3\xbc\xf0\x9f\x94\x91");
}

static void assert_nothing_is_absent(enum store_err expected)
{
    AUTO_RECORD record = {0};
    size_t count;

    assert_err(fixture_get("global/never", &record), expected);
    assert_err(fixture_put("global/a", "s3cret new", "0", NULL), expected);
    assert_err(fixture_remove("global/a", NULL), expected);
    assert_err(fixture_list(&count), expected);
}

static void a_damaged_document_is_damage(void **state)
{
    static const struct {
        const char *text;
        enum store_err err;
    } documents[] = {
        {"s3cret, not JSON", STORE_CORRUPT},
        {"", STORE_CORRUPT},
        {"[]", STORE_CORRUPT},
        {"{\"version\": 3, \"secrets\": {}}", STORE_UNAVAILABLE},
        {"{\"version\": \"2\"}", STORE_CORRUPT},
    };

    (void)state;
    for (size_t i = 0; i < sizeof documents / sizeof documents[0]; i++) {
        fixture_forget_log();
        put_document(documents[i].text);
        fixture_open();
        assert_nothing_is_absent(documents[i].err);
        assert_int_equal(fixture_logged("vault.sideseat cannot be imported"), 4);
    }
    double_put("vault.sideseat", NULL, "{\"secrets\": {}}", 15); /* not UTF-16LE */
    assert_nothing_is_absent(STORE_CORRUPT);
    assert_true(fixture_logged("it is not UTF-16LE") > 0);
    put_document(DOCUMENT); /* somebody repairs it */
    fixture_expect("global/a", VALUE);
}

/* Each call of an import fails once; the next operation goes on with it. */
static void an_interrupted_import_continues(void **state)
{
    enum store_err err = STORE_DENIED;
    int call = 1;

    (void)state;
    put_document(DOCUMENT);
    for (; err == STORE_DENIED; call++) {
        AUTO_RECORD record = {0};

        double_settings.fail_at = double_calls() + call;
        double_settings.fail_with = ERROR_ACCESS_DENIED;
        err = fixture_get("org/Acme/b", &record);
    }
    double_settings.fail_at = 0;
    assert_err(err, STORE_OK);
    assert_true(call > 5);
    fixture_expect("global/a", VALUE);
    assert_int_equal(fixture_logged("of an older document"), 1);
}

static void a_health_check_imports_nothing(void **state)
{
    (void)state;
    put_document(DOCUMENT);
    assert_string_equal(fixture_health().text, "0 secrets in the user's Credential Manager");
    assert_int_equal(double_count("sideseat"), 0);
    fixture_expect("global/a", VALUE);
    assert_string_equal(fixture_health().text, "2 secrets in the user's Credential Manager");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(the_document_is_imported_once_and_left),
        FIXTURE_TEST(a_secret_that_exists_is_newer_than_the_document),
        FIXTURE_TEST(a_damaged_document_is_damage),
        FIXTURE_TEST(an_interrupted_import_continues),
        FIXTURE_TEST(a_health_check_imports_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
