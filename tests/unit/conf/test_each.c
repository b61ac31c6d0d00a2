/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/conf/conf_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/backend.h"

/* A configuration as text, one line per setting, for comparisons. */
struct listing {
    char text[16384];
};

static void list_one(void *arg, const char *path, const char *value,
                     const struct store_secret *secret, const char *origin)
{
    struct listing *listing = arg;
    size_t len = strlen(listing->text);

    assert_true((value == NULL) != (secret == NULL));
    if (secret != NULL)
        snprintf(listing->text + len, sizeof listing->text - len, "%s := %.*s (%s)\n", path,
                 (int)secret->len, (const char *)secret->data, origin);
    else
        snprintf(listing->text + len, sizeof listing->text - len, "%s = %s (%s)\n", path, value,
                 origin);
}

static void put_one(void *arg, const char *path, const char *value,
                    const struct store_secret *secret, const char *origin)
{
    const void *bytes = secret != NULL ? (const void *)secret->data : value;
    size_t len = secret != NULL ? secret->len : strlen(value);

    assert_int_equal(store_conf_put(arg, path, bytes, len, origin), STORE_OK);
}

/* Loads, copies by each and put, and compares. The copy is left in `copied`. */
static void assert_round_trip(const char *arguments, struct listing *before)
{
    struct store_conf_set *copy = NULL;
    struct listing after = {0};

    assert_int_equal(fixture_load(arguments), STORE_OK);
    *before = (struct listing){0};
    store_conf_each(fixture_token(0), list_one, before);
    assert_int_equal(store_conf_begin(&copy, store_conf_label(fixture_token(0)),
                                      store_conf_backend(fixture_token(0))),
                     STORE_OK);
    store_conf_each(fixture_token(0), put_one, copy);
    store_conf_each(store_conf_at(copy, 0), list_one, &after);
    assert_string_equal(before->text, after.text);
    assert_string_equal(store_conf_backend_origin(store_conf_at(copy, 0)),
                        store_conf_backend_origin(fixture_token(0)));
    assert_int_equal(store_conf_platform_chose(store_conf_at(copy, 0)),
                     store_conf_platform_chose(fixture_token(0)));
    store_conf_free(copy);
}

static void the_output_of_each_is_accepted_by_put(void **state)
{
    const struct store_registration *row;
    struct listing listing;
    char arguments[64];

    (void)state;
    for (size_t i = 0; (row = store_registry_at(i)) != NULL; i++) {
        snprintf(arguments, sizeof arguments, "backend=%s", row->name);
        assert_round_trip(arguments, &listing);
        assert_round_trip(NULL, &listing); /* the platform's choice and its reason */
    }
}

static void secrets_lists_and_origins_come_along(void **state)
{
    struct listing listing;

    (void)state;
    setenv("VAULT_NAMESPACE", "ns", 1);
    assert_round_trip("backend=vault vault.token=hvs.1 vault.prefix= sensitive=a,b sensitive=c "
                      "hmac_keys=x:y:raw timeout_ms=123",
                      &listing);
    assert_non_null(strstr(listing.text, "vault.token := hvs.1 (argument of C_Initialize)\n"));
    assert_non_null(strstr(listing.text, "vault.prefix =  (argument of C_Initialize)\n"));
    assert_non_null(
        strstr(listing.text, "vault.namespace = ns (environment variable VAULT_NAMESPACE)\n"));
    assert_non_null(strstr(listing.text, "vault.mount = secret (default)\n"));
    assert_non_null(strstr(listing.text, "timeout_ms = 123 (argument of C_Initialize)\n"));
    assert_non_null(strstr(listing.text, "sensitive = global/a,b (argument"));
    assert_non_null(strstr(listing.text, "hmac_keys = global/x:y:raw (argument"));
    assert_null(strstr(listing.text, "aws."));
    assert_null(strstr(listing.text, "vault.proxy"));
    assert_round_trip("backend=file hmac_keys=", &listing);
    assert_non_null(strstr(listing.text, "hmac_keys =  (argument"));
}

static void arguments_are_checked(void **state)
{
    struct store_conf_set *set = NULL;

    (void)state;
    assert_int_equal(store_conf_begin(&set, "t", "floppy"), STORE_BAD_CONF);
    assert_int_equal(store_conf_begin(&set, "", "vault"), STORE_BAD_CONF);
    assert_int_equal(store_conf_begin(&set, "123456789012345678901234567890123", "vault"),
                     STORE_BAD_CONF);
    assert_null(set);
    assert_int_equal(store_conf_begin(&set, "t", "vault"), STORE_OK);
    assert_int_equal(store_conf_put(set, "vault.mount", "kv", 2, "x"), STORE_OK);
    assert_int_equal(store_conf_put(set, "vault.mount", "k\0v", 3, "x"), STORE_BAD_CONF);
    assert_int_equal(store_conf_put(set, "vault.max_retries", "1000", 4, "x"), STORE_BAD_CONF);
    assert_int_equal(store_conf_put(set, "aws.region", "x", 1, "x"), STORE_BAD_CONF);
    assert_int_equal(store_conf_put(set, "no.such", "x", 1, "x"), STORE_BAD_CONF);
    assert_int_equal(store_conf_put(set, "backend", "file", 4, "x"), STORE_BAD_CONF);
    assert_int_equal(store_conf_put(set, "sensitive", "a/b", 3, "x"), STORE_BAD_CONF);
    assert_string_equal(store_conf_text(store_conf_at(set, 0), "vault.mount"), "kv");
    assert_int_equal(store_conf_count(set), 1);
    assert_null(store_conf_hmac_key(store_conf_at(set, 0), 0, NULL));
    store_conf_free(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CONF_TEST(the_output_of_each_is_accepted_by_put),
        CONF_TEST(secrets_lists_and_origins_come_along),
        CONF_TEST(arguments_are_checked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
