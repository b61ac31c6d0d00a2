/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/macos/keychain_fixture.h"

#include <string.h>

/* The import of the one document of SideSeat's older versions. */

#define DOCUMENT                                                                                   \
    "{\"version\": 2, \"secrets\": {\"global/a\": {\"value\": \"" VALUE "\", \"metadata\": {}}, "  \
    "\"org/acme/b\": {\"value\": \"" OTHER_VALUE "\"}, \"global/bad\": {}}}"

static const char *const backends[] = {"keychain", "data-protection-keychain"};

static void put_document(const char *text)
{
    double_put(false, "sideseat", "vault", text, strlen(text));
}

static void the_document_is_imported_once_and_left(void **state)
{
    size_t count;

    (void)state;
    put_document(DOCUMENT);
    for (size_t i = 0; i < 2; i++) {
        fixture_open(backends[i], FIXTURE_BY_NAME);
        fixture_expect("global/a", VALUE);
        fixture_expect("org/acme/b", OTHER_VALUE);
        assert_err(fixture_list(&count), STORE_OK);
        assert_int_equal(count, 2);
        assert_int_equal(fixture_logged("imported 2 secrets of an older document, and left out 1"),
                         (int)i + 1);
        assert_err(fixture_remove("global/a", NULL), STORE_OK);
        fixture_open(backends[i], FIXTURE_BY_NAME);
        fixture_expect("global/a", NULL); /* it does not come back */
        fixture_expect("org/acme/b", OTHER_VALUE);
    }
    assert_int_equal(fixture_logged(""), 2);
}

static void an_item_that_exists_is_newer_than_the_document(void **state)
{
    (void)state;
    fixture_open("keychain", FIXTURE_BY_NAME);
    assert_err(fixture_put("global/a", "s3cret newer", NULL, NULL), STORE_OK);
    put_document(DOCUMENT);
    fixture_open("keychain", FIXTURE_BY_NAME);
    fixture_expect("global/a", "s3cret newer");
    fixture_expect("org/acme/b", OTHER_VALUE);
}

static void no_secret_is_absent_while_the_document_cannot_be_read(void **state)
{
    AUTO_RECORD record = {0};
    size_t count;

    (void)state;
    put_document(DOCUMENT);
    for (size_t i = 0; i < 2; i++) {
        double_settings.protected_access = true; /* another program's item */
        fixture_open(backends[i], FIXTURE_BY_NAME);
        assert_err(fixture_get("global/a", &record), STORE_LOCKED);
        assert_err(fixture_get("global/never", &record), STORE_LOCKED);
        assert_err(fixture_put("global/a", "s3cret new", "0", NULL), STORE_LOCKED);
        assert_err(fixture_remove("global/a", NULL), STORE_LOCKED);
        assert_err(fixture_list(&count), STORE_LOCKED);
        assert_err(fixture_health().err, STORE_LOCKED);
        assert_int_equal(double_prompts(), (int)i);
        assert_err(fixture_login(), STORE_OK);
        assert_int_equal(double_prompts(), (int)i + 1);
        fixture_expect("global/a", VALUE);
    }
}

static void a_damaged_document_is_damage(void **state)
{
    static const struct {
        const char *text;
        enum store_err err;
    } documents[] = {
        {"s3cret, not JSON", STORE_CORRUPT},
        {"[]", STORE_CORRUPT},
        {"{\"version\": 3, \"secrets\": {}}", STORE_UNAVAILABLE},
        {"{\"version\": \"2\"}", STORE_CORRUPT},
    };
    AUTO_RECORD record = {0};

    (void)state;
    for (size_t i = 0; i < sizeof documents / sizeof documents[0]; i++) {
        put_document(documents[i].text);
        fixture_open("keychain", FIXTURE_BY_NAME);
        assert_err(fixture_get("global/a", &record), documents[i].err);
        assert_int_equal(fixture_logged("cannot be imported"), (int)i + 1);
    }
    put_document(DOCUMENT); /* somebody repairs it */
    fixture_expect("global/a", VALUE);
}

/* Each call of an import fails once; the next operation goes on with it. */
static void an_interrupted_import_continues(void **state)
{
    (void)state;
    put_document(DOCUMENT);
    fixture_open("keychain", FIXTURE_BY_NAME);
    for (int call = 1; call <= 7; call++) {
        AUTO_RECORD record = {0};

        double_settings.fail_at = double_calls() + call;
        double_settings.fail_with = errSecIO;
        assert_err(fixture_get("global/a", &record), STORE_UNAVAILABLE);
        if (call < 5) /* before the first item */
            assert_int_equal(fixture_logged("imported"), 0);
    }
    fixture_expect("global/a", VALUE);
    fixture_expect("org/acme/b", OTHER_VALUE);
    assert_int_equal(fixture_logged("of an older document"), 1);
}

static void the_platforms_choice_imports_where_it_ends(void **state)
{
    (void)state;
    put_document(DOCUMENT);
    double_settings.entitled = false;
    fixture_open("data-protection-keychain", FIXTURE_BY_PLATFORM);
    fixture_expect("global/a", VALUE);
    fixture_open("keychain", FIXTURE_BY_NAME);
    fixture_expect("global/a", VALUE);
    assert_int_equal(fixture_logged("of an older document"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(the_document_is_imported_once_and_left),
        FIXTURE_TEST(an_item_that_exists_is_newer_than_the_document),
        FIXTURE_TEST(no_secret_is_absent_while_the_document_cannot_be_read),
        FIXTURE_TEST(a_damaged_document_is_damage),
        FIXTURE_TEST(an_interrupted_import_continues),
        FIXTURE_TEST(the_platforms_choice_imports_where_it_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
