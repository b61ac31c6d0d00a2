/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/module/check.h"

#include <stdio.h>

#include "module/object/template.h"
#include "store/log.h"

#define TEXT(type, text)                                                                           \
    {                                                                                              \
        type, (void *)(text), sizeof(text) - 1                                                     \
    }

/* The effect of a template on a secret, and on a key. */
static CK_RV check_secret(const CK_ATTRIBUTE *template, CK_ULONG count)
{
    AUTO_OWN own = {.flags = OBJECT_DATA_FLAGS};

    assert_int_equal(template_apply(template, count, &own), CKR_OK);
    return template_check_secret(&own);
}

static CK_RV check_key(const CK_ATTRIBUTE *template, CK_ULONG count)
{
    AUTO_OWN own = {.flags = OBJECT_TOKEN_KEY_FLAGS, .key_type = CKK_GENERIC_SECRET};

    assert_int_equal(template_apply(template, count, &own), CKR_OK);
    return template_check_key(&own, "global/k");
}

static CK_BBOOL yes = CK_TRUE;
static CK_BBOOL no = CK_FALSE;

static void a_secret_accepts_its_own_attributes(void **state)
{
    CK_ATTRIBUTE template[] = {
        TEXT(CKA_APPLICATION, "sideseat"), TEXT(CKA_OBJECT_ID, ""), {CKA_MODIFIABLE, &yes, 1},
        {CKA_DESTROYABLE, &yes, 1},        {CKA_PRIVATE, &no, 1}, /* taken for TRUE, which is what
                                                                     tools that send it can live
                                                                     with */
    };

    (void)state;
    assert_int_equal(check_secret(template, COUNT(template)), CKR_OK);
}

static void a_secret_refuses_attributes_that_no_store_keeps(void **state)
{
    CK_ATTRIBUTE each[] = {
        TEXT(CKA_APPLICATION, "other"), TEXT(CKA_OBJECT_ID, "\x06\x01\x01"),
        {CKA_MODIFIABLE, &no, 1},       {CKA_COPYABLE, &no, 1},
        {CKA_DESTROYABLE, &no, 1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(each); i++)
        assert_int_equal(check_secret(&each[i], 1), CKR_ATTRIBUTE_VALUE_INVALID);
}

static void a_stored_key_cannot_be_taken_out(void **state)
{
    CK_KEY_TYPE aes = CKK_AES;
    CK_ATTRIBUTE extractable = {CKA_EXTRACTABLE, &yes, 1};
    CK_ATTRIBUTE mute = {CKA_SIGN, &no, 1};
    CK_ATTRIBUTE type = {CKA_KEY_TYPE, &aes, sizeof aes};
    CK_ATTRIBUTE usual[] = {
        {CKA_SENSITIVE, &no, 1}, {CKA_EXTRACTABLE, &no, 1}, {CKA_SIGN, &yes, 1}};

    (void)state;
    assert_int_equal(check_key(&extractable, 1), CKR_ATTRIBUTE_VALUE_INVALID);
    assert_int_equal(check_key(&mute, 1), CKR_ATTRIBUTE_VALUE_INVALID);
    assert_int_equal(check_key(&type, 1), CKR_TEMPLATE_INCONSISTENT);
    assert_int_equal(check_key(usual, COUNT(usual)), CKR_OK);
}

static void keep_line(void *arg, enum store_log_level level, const char *text)
{
    (void)level;
    snprintf(arg, 512, "%s", text);
}

static void a_label_that_may_be_a_value_is_not_logged(void **state)
{
    CK_ATTRIBUTE label = TEXT(CKA_LABEL, "Zx/9+hunter2");
    char key[STORE_KEY_MAX + 1];
    char line[512] = "";

    (void)state;
    store_log_redirect(keep_line, line);
    assert_int_equal(template_key(&label, 1, key), CKR_ATTRIBUTE_VALUE_INVALID);
    store_log_redirect(NULL, NULL);
    assert_non_null(strstr(line, "not a scope key"));
    assert_null(strstr(line, "hunter2"));
}

/* The rule of the key permits it to encrypt alone. */
static void an_attribute_that_the_rule_forbids_is_named(void **state)
{
    static const uint32_t flags = OBJECT_BIT(OBJECT_ENCRYPT) | OBJECT_BIT(OBJECT_SENSITIVE);
    CK_ATTRIBUTE each[] = {{CKA_WRAP, &yes, 1}, {CKA_ENCRYPT, &no, 1}, {CKA_SENSITIVE, &no, 1}};
    const char *const names[] = {"CKA_WRAP", "CKA_ENCRYPT", NULL};
    char line[512];

    (void)state;
    for (size_t i = 0; i < COUNT(each); i++) {
        AUTO_OWN own = {.flags = flags, .key_type = CKK_AES};

        assert_int_equal(template_apply(&each[i], 1, &own), CKR_OK);
        line[0] = '\0';
        store_log_redirect(keep_line, line);
        assert_int_equal(template_check_aes(&own, "global/k", flags),
                         names[i] == NULL ? CKR_OK : CKR_ATTRIBUTE_VALUE_INVALID);
        store_log_redirect(NULL, NULL);
        if (names[i] == NULL)
            assert_string_equal(line, "");
        else
            assert_non_null(strstr(line, names[i]));
    }
}

static void the_label_gives_the_key(void **state)
{
    CK_ATTRIBUTE bare = TEXT(CKA_LABEL, "jwt");
    CK_ATTRIBUTE bad = TEXT(CKA_LABEL, "team/x/y");
    char key[STORE_KEY_MAX + 1];

    (void)state;
    assert_int_equal(template_key(&bare, 1, key), CKR_OK);
    assert_string_equal(key, "global/jwt");
    assert_int_equal(template_key(&bad, 1, key), CKR_ATTRIBUTE_VALUE_INVALID);
    assert_int_equal(template_key(NULL, 0, key), CKR_TEMPLATE_INCOMPLETE);
}

static void a_version_is_a_short_text(void **state)
{
    CK_ATTRIBUTE good = TEXT(CKA_SIDESEAT_VERSION, "0");
    CK_ATTRIBUTE empty = TEXT(CKA_SIDESEAT_VERSION, "");
    CK_ATTRIBUTE any = TEXT(CKA_SIDESEAT_VERSION, STORE_VERSION_ANY);
    CK_ATTRIBUTE nul = TEXT(CKA_SIDESEAT_VERSION, "1\0002");
    char version[STORE_VERSION_SIZE];

    (void)state;
    assert_int_equal(template_version(&good, 1, version), CKR_OK);
    assert_string_equal(version, "0");
    assert_int_equal(template_version(NULL, 0, version), CKR_OK);
    assert_string_equal(version, "");
    assert_int_equal(template_version(&empty, 1, version), CKR_ATTRIBUTE_VALUE_INVALID);
    assert_int_equal(template_version(&nul, 1, version), CKR_ATTRIBUTE_VALUE_INVALID);
    assert_int_equal(template_version(&any, 1, version), CKR_ATTRIBUTE_VALUE_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_secret_accepts_its_own_attributes),
        cmocka_unit_test(a_secret_refuses_attributes_that_no_store_keeps),
        cmocka_unit_test(a_stored_key_cannot_be_taken_out),
        cmocka_unit_test(an_attribute_that_the_rule_forbids_is_named),
        cmocka_unit_test(the_label_gives_the_key),
        cmocka_unit_test(a_label_that_may_be_a_value_is_not_logged),
        cmocka_unit_test(a_version_is_a_short_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
