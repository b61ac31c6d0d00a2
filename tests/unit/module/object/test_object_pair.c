/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/module/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "module/object/object_face.h"
#include "module/object/object_pair.h"
#include "module/token.h"

/* The secrets that rules and labels name. */

#define KEYS                                                                                       \
    "{\"secrets\": {\"backend\": \"env\", \"read_only_keys\": \"global/chain global/b\"}, "        \
    "\"pkcs11\": {\"keys\": ["                                                                     \
    "{\"key\": \"org/x/one\", \"label\": \"web server\"}, "                                        \
    "{\"key\": \"org/x/two\", \"label\": \"global/web\"}, "                                        \
    "{\"key\": \"org/x/three\", \"label\": \"org/none/web\"}, "                                    \
    "{\"key\": \"org/x/four\", \"label\": \"web\"}, "                                              \
    "{\"key\": \"global/a\", \"certificate\": \"global/chain\"}, "                                 \
    "{\"key\": \"global/b\", \"certificate\": \"global/other\"}, \"global/*\"]}}"

static struct token token;
static struct store_conf_set *conf;

static int with_token(void **state)
{
    char path[] = "/tmp/sideseat-pair-XXXXXX";
    char arguments[64];
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, KEYS, strlen(KEYS)), strlen(KEYS));
    close(fd);
    setenv("HOME", "/nonexistent", 1);
    unsetenv("SIDESEAT_CONFIG");
    snprintf(arguments, sizeof arguments, "config=%s", path);
    assert_int_equal(store_conf_load(&conf, arguments), STORE_OK);
    unlink(path);
    memset(&token, 0, sizeof token);
    token.conf = store_conf_at(conf, 0);
    token.keys_read_only = true;
    return 0;
}

static int without_token(void **state)
{
    (void)state;
    store_conf_free(conf);
    return 0;
}

static void assert_secret(const char *label, const char *expected)
{
    const CK_ATTRIBUTE template = {CKA_LABEL, (void *)(uintptr_t)label, strlen(label)};
    char key[STORE_KEY_MAX + 1];

    assert_int_equal(object_pair_secret(&token, &template, 1, key), CKR_OK);
    assert_string_equal(key, expected);
}

/* A rule's label does not take away what is stored under a scope key. */
static void a_scope_key_with_a_rule_names_its_own_secret(void **state)
{
    (void)state;
    assert_secret("web server", "org/x/one");
    assert_secret("web", "org/x/four");
    assert_secret("global/web", "global/web");
    assert_secret("global/new", "global/new");
    assert_secret("org/none/web", "org/x/three");
}

static bool is_destroyable(const char *key, enum object_kind kind)
{
    struct object_view view = {.token = &token, .kind = kind};
    struct object_bytes bytes;

    strcpy(view.key, key);
    assert_int_equal(object_attribute(&view, CKA_DESTROYABLE, &bytes), CKR_OK);
    assert_int_equal(bytes.len, sizeof(CK_BBOOL));
    return *(const CK_BBOOL *)bytes.data != CK_FALSE;
}

static void a_certificate_goes_with_the_secret_that_holds_it(void **state)
{
    (void)state;
    assert_true(is_destroyable("global/a", OBJECT_PRIVATE_KEY));
    assert_false(is_destroyable("global/a", OBJECT_CERTIFICATE));
    assert_false(is_destroyable("global/b", OBJECT_PRIVATE_KEY));
    assert_true(is_destroyable("global/b", OBJECT_CERTIFICATE));
    assert_true(is_destroyable("global/c", OBJECT_CERTIFICATE));
    assert_false(is_destroyable("global/c", OBJECT_PUBLIC_KEY));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_scope_key_with_a_rule_names_its_own_secret, with_token,
                                        without_token),
        cmocka_unit_test_setup_teardown(a_certificate_goes_with_the_secret_that_holds_it,
                                        with_token, without_token),
    };

    return cmocka_run_group_tests_name("object_pair", tests, NULL, NULL);
}
