/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/module/check.h"

#include <stdlib.h>

#include "module/pair.h"
#include "module/token.h"
#include "tests/unit/module/pki/keys.h"

/* A key whose passphrase is wrong: each try takes as long as the key's author wanted, so a listing
 * must not try the same again. */

#define KEY "global/key"

static struct token token;
static struct store_conf_set *conf;
static const char *version;

static void close_store(struct store_ctx *ctx)
{
    (void)ctx;
}

static const struct store_backend backend = {.close = close_store};

static int with_token(void **state)
{
    (void)state;
    setenv("HOME", "/nonexistent", 1);
    unsetenv("SIDESEAT_CONFIG");
    version = "1";
    memset(&token, 0, sizeof token);
    assert_int_equal(store_conf_load(&conf, "backend=file keys=" KEY), STORE_OK);
    assert_true(token_init(&token, 1, store_conf_at(conf, 0)));
    token.store.backend = &backend;
    token.opened = true;
    return 0;
}

static int without_token(void **state)
{
    (void)state;
    token_free(&token);
    store_conf_free(conf);
    return 0;
}

/* The face with this PIN as the passphrase; the caller drops it. */
static struct pki *read_with(const char *pin)
{
    AUTO_RECORD record = {0};
    struct pki *pki = NULL;

    strcpy(record.version, version);
    assert_int_equal(store_secret_set(&record.value, RSA_ENCRYPTED, strlen(RSA_ENCRYPTED)),
                     STORE_OK);
    store_secret_wipe(&token.pin);
    assert_int_equal(store_secret_set(&token.pin, pin, strlen(pin)), STORE_OK);
    assert_int_equal(pair_read(&token, KEY, &record, 0, &pki), CKR_OK);
    return pki;
}

static void the_same_wrong_passphrase_is_not_tried_twice(void **state)
{
    struct pki *first = read_with("wrong");
    struct pki *again = read_with("wrong");
    struct pki *other = read_with("wronger");
    struct pki *right;
    struct pki *newer;

    (void)state;
    assert_int_equal(first->fault, PKI_WRONG_PASSPHRASE);
    assert_ptr_equal(again, first);
    assert_ptr_not_equal(other, first);
    version = "2";
    newer = read_with("wronger");
    assert_ptr_not_equal(newer, other);
    assert_int_equal(newer->fault, PKI_WRONG_PASSPHRASE);
    right = read_with(PASSPHRASE);
    assert_true(right->has_key);
    pki_drop(first);
    pki_drop(again);
    pki_drop(other);
    pki_drop(newer);
    pki_drop(right);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(
        the_same_wrong_passphrase_is_not_tried_twice, with_token, without_token)};

    return cmocka_run_group_tests_name("pair", tests, NULL, NULL);
}
