/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/conf/conf_fixture.h"

#include <string.h>

#include "conf/value.h"
#include "store/backend.h"

static void assert_valid(struct store_conf_set *set, const struct setting *setting,
                         const char *text)
{
    const struct conf_value *value = NULL;

    if (text == NULL || conf_list_of(set, setting) != NULL)
        return;
    if (conf_value_make(set, setting, text, strlen(text), "default", &value) != STORE_OK)
        fail_msg("the default of %s is refused: %s", setting->path, text);
}

static void every_default_is_a_valid_value(void **state)
{
    struct store_conf_set set = {0};
    const struct setting *setting;

    (void)state;
    for (size_t i = 0; (setting = setting_at(i)) != NULL; i++) {
        assert_valid(&set, setting, setting->fallback);
        assert_valid(&set, setting, setting->network_fallback);
    }
    assert_int_equal(conf_lists_default(&set), STORE_OK);
    assert_int_equal(set.hmac_keys.count, 2);
    conf_values_free(&set);
    conf_list_free(&set.hmac_keys);
    conf_list_free(&set.sensitive);
}

static void every_path_is_there_once_and_is_no_others_folder(void **state)
{
    const struct setting *a;
    const struct setting *b;

    (void)state;
    for (size_t i = 0; (a = setting_at(i)) != NULL; i++) {
        size_t len = strlen(a->path);
        assert_int_equal(setting_index(a), i);
        assert_ptr_equal(setting_find(a->path, len), a);
        assert_non_null(a->help);
        for (size_t j = 0; (b = setting_at(j)) != NULL; j++)
            assert_false(strncmp(a->path, b->path, len) == 0 && b->path[len] == '.');
    }
    assert_null(setting_find("vault", 5));
    assert_null(setting_find("", 0));
}

static void every_backend_named_exists(void **state)
{
    const struct setting *setting;

    (void)state;
    for (size_t i = 0; (setting = setting_at(i)) != NULL; i++) {
        const char *at = setting->backends;
        while (at != NULL && *at != '\0') {
            char name[32] = {0};
            size_t len = strcspn(at, " ");
            assert_true(len < sizeof name);
            memcpy(name, at, len);
            assert_non_null(store_registry_find(name));
            assert_true(setting_applies(setting, name));
            at += len + strspn(at + len, " ");
        }
    }
}

static void every_value_is_described(void **state)
{
    const struct setting *setting;
    char text[512];

    (void)state;
    for (size_t i = 0; (setting = setting_at(i)) != NULL; i++) {
        text[0] = '\0';
        setting_describe(setting, text, sizeof text);
        assert_true(strlen(text) > 10 && strlen(text) < sizeof text - 1);
    }
}

static void words_match_as_a_whole(void **state)
{
    (void)state;
    assert_true(setting_word_in("vault aws", "aws"));
    assert_true(setting_word_in("vault aws", "vault"));
    assert_false(setting_word_in("vault aws", "aw"));
    assert_false(setting_word_in("vault aws", "vault aws"));
    assert_false(setting_word_in("", ""));
    assert_false(setting_word_in(NULL, "x"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_default_is_a_valid_value),
        cmocka_unit_test(every_path_is_there_once_and_is_no_others_folder),
        cmocka_unit_test(every_backend_named_exists),
        cmocka_unit_test(every_value_is_described),
        cmocka_unit_test(words_match_as_a_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
