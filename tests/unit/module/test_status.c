/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/module/pki/face_file.h"

#include "module/status.h"
#include "module/token.h"
#include "store/time.h"

#define STORE "the store"
#define KEEP_NS (100 * STORE_TIME_S)

static const struct store_record version = {.version = "1"};
static const struct store_record none = {.version = ""};

static void file_secret_without_key(const char *key)
{
    static const struct face_origin origin = {
        .certificate_key = "", .asked_ns = INT64_MAX, .current = true, .lasting = true};
    struct faces *faces = faces_new();
    AUTO_SECRET text = {0};
    struct pki *empty;

    assert_non_null(faces);
    assert_int_equal(store_secret_set(&text, "not a key", 9), STORE_OK);
    empty = pki_read(&text, NULL, NULL);
    assert_non_null(empty);
    assert_int_equal(empty->fault, PKI_NO_KEY);
    assert_true(faces_attach(faces, path, STORE, KEEP_NS));
    assert_true(faces_keep(faces, key, &version, &none, &origin, empty));
    pki_drop(empty);
    faces_free(faces);
}

static struct store_conf_set *configure(const char *keys)
{
    struct store_conf_set *set;

    assert_int_equal(store_conf_begin(&set, "token", "memory"), STORE_OK);
    assert_int_equal(store_conf_put(set, "keys", keys, strlen(keys), "test"), STORE_OK);
    return set;
}

/* Another configuration wrote the public cache. */
static void a_secret_that_no_rule_matches_is_not_at_fault(void **state)
{
    static const char *const rules[] = {"global/tls_*", "global/words", "global/*"};

    (void)state;
    file_secret_without_key("global/words");
    for (size_t i = 0; i < COUNT(rules); i++) {
        struct store_conf_set *set = configure(rules[i]);
        struct token token = {0};
        AUTO_SECRET status = {0};
        struct pki *known;

        assert_true(token_init(&token, 0, store_conf_at(set, 0)));
        assert_true(faces_attach(token.faces, path, STORE, KEEP_NS));
        known = faces_find(token.faces, "global/words", &version, &none, NULL);
        assert_non_null(known);
        pki_drop(known);
        assert_int_equal(status_describe(&token, false, &status), CKR_OK);
        assert_int_equal(store_secret_append(&status, "", 1), STORE_OK);
        if (i == 1) /* the rule names it */
            assert_non_null(strstr((const char *)status.data, "\"faulty_keys\":[{\"key\":"));
        else
            assert_non_null(strstr((const char *)status.data, "\"faulty_keys\":[]"));
        token_free(&token);
        store_conf_free(set);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_secret_that_no_rule_matches_is_not_at_fault, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
