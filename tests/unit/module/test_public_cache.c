/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/module/pki/face_file.h"

#include "module/public_cache.h"
#include "store/user.h"

#define KEY "org/acme/a"

static void put(struct store_conf_set *set, const char *name, const char *value)
{
    assert_int_equal(store_conf_put(set, name, value, strlen(value), "test"), STORE_OK);
}

/* A token with the file, and one setting more. */
static struct store_conf_set *configure_for(const char *backend, const char *name,
                                            const char *value)
{
    struct store_conf_set *set;

    assert_int_equal(store_conf_begin(&set, "token", backend), STORE_OK);
    put(set, "public_cache", path);
    put(set, "public_cache_s", "100");
    put(set, "keys", KEY);
    put(set, name, value);
    return set;
}

static struct store_conf_set *configure(const char *name, const char *value)
{
    return configure_for("vault", name, value);
}

/* Keeps the face in a token's file, or looks for it there: true if it was recent. */
static bool keep(struct store_conf_set *set)
{
    static const struct face_origin origin = {
        .certificate_key = "", .asked_ns = INT64_MAX, .current = true, .lasting = true};
    const struct store_record record = {.version = "1"};
    const struct store_record none = {.version = ""};
    struct faces *faces = faces_new();
    struct pki *found;

    assert_non_null(faces);
    assert_true(public_cache_attach(faces, store_conf_at(set, 0)));
    found = faces_find_recent(faces, KEY, "");
    (void)faces_keep(faces, KEY, &record, &none, &origin, pki);
    faces_free(faces);
    store_conf_free(set);
    pki_drop(found);
    return found != NULL;
}

static void the_settings_of_the_store_tell_it_from_others(void **state)
{
    (void)state;
    assert_false(keep(configure("vault.address", "https://a:8200")));
    assert_true(keep(configure("vault.address", "https://a:8200")));
    assert_false(keep(configure("vault.address", "https://b:8200")));
    assert_false(keep(configure("vault.mount", "kv")));
    assert_false(keep(configure("vault.namespace", "team")));
    assert_true(keep(configure("vault.mount", "kv")));
}

static void the_variables_of_an_account_tell_it_from_others(void **state)
{
    static const char *const ids[] = {"AKIAFIRST", "AKIASECOND"};

    (void)state;
    for (size_t i = 0; i < COUNT(ids); i++) {
        assert_int_equal(setenv("AWS_ACCESS_KEY_ID", ids[i], 1), 0);
        assert_false(keep(configure_for("aws", "aws.region", "eu-west-1")));
        assert_true(keep(configure_for("aws", "aws.region", "eu-west-1")));
    }
    assert_int_equal(unsetenv("AWS_ACCESS_KEY_ID"), 0);
}

/* A Vault token changes every hour, and is nothing to write down. */
static void a_secret_setting_does_not(void **state)
{
    (void)state;
    assert_false(keep(configure("vault.token", "s.first")));
    assert_true(keep(configure("vault.token", "s.second")));
}

static void only_a_key_with_a_rule_is_forgotten(void **state)
{
    struct store_conf_set *set = configure("vault.mount", "kv");
    struct faces *faces = faces_new();
    struct pki *found;

    (void)state;
    assert_non_null(faces);
    assert_false(keep(configure("vault.mount", "kv")));
    assert_true(public_cache_attach(faces, store_conf_at(set, 0)));
    public_cache_forget(faces, store_conf_at(set, 0), "org/acme/b", true);
    found = faces_find_recent(faces, KEY, "");
    assert_non_null(found);
    pki_drop(found);
    public_cache_forget(faces, store_conf_at(set, 0), KEY, true);
    assert_null(faces_find_recent(faces, KEY, ""));
    faces_free(faces);
    store_conf_free(set);
}

/* The last, since a process stays so. */
static void a_privileged_program_leaves_the_file_alone(void **state)
{
    (void)state;
    assert_false(keep(configure("vault.mount", "kv")));
    assert_true(keep(configure("vault.mount", "kv")));
    store_privileged_set();
    assert_false(keep(configure("vault.mount", "kv")));
    assert_int_equal(remove(path), 0);
    assert_false(keep(configure("vault.mount", "kv")));
    assert_int_equal(access(path, F_OK), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_settings_of_the_store_tell_it_from_others, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(the_variables_of_an_account_tell_it_from_others, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_secret_setting_does_not, setup, teardown),
        cmocka_unit_test_setup_teardown(only_a_key_with_a_rule_is_forgotten, setup, teardown),
        cmocka_unit_test_setup_teardown(a_privileged_program_leaves_the_file_alone, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
