/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/module/check.h"

#include <stdio.h>
#include <stdlib.h>

#include "module/object/object_change.h"
#include "module/object/object_create.h"
#include "module/object/object_read.h"
#include "module/pki/pem.h"
#include "module/session/find.h"
#include "module/token.h"
#include "sideseat-pkcs11.h"
#include "tests/unit/module/pki/keys.h"

/*
 * Certificates and private keys in a secret that another program changes: what C_DestroyObject and
 * C_CreateObject leave of it. The store here has one secret, and may answer reads like a cache that
 * has not heard of the last change.
 */

#define KEY "global/tls"
#define LATER "\nthe owner's note\n"

static struct session_table sessions;
static struct token token;
static struct store_conf_set *conf;
static struct caller caller;
static int64_t now; /* of the coarse clock */

static const char *stored; /* NULL: there is no secret */
static int version;
static const char *cached; /* NULL: reads come from the store */
static int cached_version;
static char written[16384];

int64_t __wrap_store_time_coarse(void);

int64_t __wrap_store_time_coarse(void)
{
    return now;
}

static enum store_err read_secret(struct store_ctx *ctx, const char *key, struct store_record *out)
{
    const char *text = cached != NULL ? cached : stored;

    (void)ctx;
    if (text == NULL || strcmp(key, KEY) != 0)
        return STORE_NOT_FOUND;
    snprintf(out->version, sizeof out->version, "%d", cached != NULL ? cached_version : version);
    return store_secret_set(&out->value, text, strlen(text));
}

static enum store_err check(const char *key, const char *if_version)
{
    char text[16];

    snprintf(text, sizeof text, "%d", version);
    if (strcmp(key, KEY) != 0)
        return STORE_NOT_FOUND;
    return store_version_check(if_version, stored != NULL, text);
}

/* Another program's write, or this one's. */
static void store(const char *text)
{
    if (text != NULL)
        snprintf(written, sizeof written, "%s", text);
    stored = text == NULL ? NULL : written;
    version++;
}

static enum store_err write_secret(struct store_ctx *ctx, const char *key,
                                   const struct store_secret *value, const char *if_version,
                                   struct store_record *out)
{
    char text[sizeof written];
    enum store_err err = check(key, if_version);

    (void)ctx;
    if (err != STORE_OK)
        return err;
    assert_true(value->len < sizeof text);
    memcpy(text, value->data, value->len);
    text[value->len] = '\0';
    store(text);
    snprintf(out->version, sizeof out->version, "%d", version);
    return STORE_OK;
}

static enum store_err remove_secret(struct store_ctx *ctx, const char *key, const char *if_version)
{
    enum store_err err = check(key, if_version);

    (void)ctx;
    if (err == STORE_OK)
        store(NULL);
    return err;
}

static void close_store(struct store_ctx *ctx)
{
    (void)ctx;
}

static const struct store_backend backend = {
    .close = close_store, .read = read_secret, .write = write_secret, .remove = remove_secret};

static int with_session(void **state)
{
    CK_SESSION_HANDLE handle;

    (void)state;
    setenv("HOME", "/nonexistent", 1);
    unsetenv("SIDESEAT_CONFIG");
    now = 100 * STORE_TIME_S;
    stored = NULL;
    cached = NULL;
    version = 0;
    memset(&sessions, 0, sizeof sessions);
    memset(&token, 0, sizeof token);
    assert_int_equal(store_conf_load(&conf, "backend=file keys=global/*"), STORE_OK);
    session_table_init(&sessions);
    assert_true(token_init(&token, 1, store_conf_at(conf, 0)));
    token.store.backend = &backend;
    token.opened = true;
    assert_int_equal(session_open(&sessions, &token, true, &handle), CKR_OK);
    assert_true(session_find(&sessions, handle, &caller));
    return 0;
}

static int without_session(void **state)
{
    (void)state;
    session_table_free(&sessions);
    token_free(&token);
    store_conf_free(conf);
    return 0;
}

/* From here on reads give the state of now, whatever happens to the store. */
static void cache(void)
{
    static char text[sizeof written];

    strcpy(text, stored);
    cached = text;
    cached_version = version;
}

static CK_OBJECT_HANDLE find(CK_OBJECT_CLASS class, const char *label)
{
    CK_ATTRIBUTE template[] = {{CKA_CLASS, &class, sizeof class},
                               {CKA_LABEL, (void *)(uintptr_t)label, strlen(label)}};
    CK_OBJECT_HANDLE found[2] = {0};
    CK_ULONG count = 0;

    assert_int_equal(find_start(&caller, template, 2), CKR_OK);
    assert_int_equal(find_next(&caller, found, 2, &count), CKR_OK);
    assert_int_equal(find_finish(&caller), CKR_OK);
    assert_true(count < 2);
    return found[0];
}

static CK_RV destroy(CK_OBJECT_HANDLE handle)
{
    return object_destroy(&caller, handle);
}

static void a_newer_secret_is_not_deleted_with_an_older_certificate(void **state)
{
    CK_OBJECT_HANDLE certificate;

    (void)state;
    store(RSA_CERTIFICATE);
    certificate = find(CKO_CERTIFICATE, KEY);
    cache();
    store("the only copy of something else");
    assert_int_equal(destroy(certificate), CKR_SIDESEAT_CONFLICT);
    assert_string_equal(stored, "the only copy of something else");
}

static void text_of_the_owner_stays_when_a_certificate_goes(void **state)
{
    (void)state;
    store("before\n" RSA_CERTIFICATE LATER);
    assert_int_equal(destroy(find(CKO_CERTIFICATE, KEY)), CKR_OK);
    assert_string_equal(stored, "before\n" LATER);
    store("between\n" RSA_CERTIFICATE LATER CHAIN_CERTIFICATE);
    now += 2 * STORE_TIME_S;
    assert_int_equal(destroy(find(CKO_CERTIFICATE, KEY "#1")), CKR_OK);
    assert_string_equal(stored, "between\n" RSA_CERTIFICATE LATER);
    store(" \r\n" RSA_CERTIFICATE "\n\t");
    now += 2 * STORE_TIME_S;
    assert_int_equal(destroy(find(CKO_CERTIFICATE, KEY)), CKR_OK);
    assert_null(stored);
}

static void a_certificate_that_is_there_twice_goes_at_once(void **state)
{
    (void)state;
    store(CHAIN_CERTIFICATE RSA_CERTIFICATE CHAIN_CERTIFICATE "\n" CHAIN_CERTIFICATE);
    assert_int_equal(find(CKO_CERTIFICATE, KEY "#2"), 0);
    assert_int_equal(destroy(find(CKO_CERTIFICATE, KEY)), CKR_OK);
    assert_string_equal(stored, RSA_CERTIFICATE "\n");
}

/* The rule's pattern matches more secrets than those of keys. */
static void another_value_gets_no_certificate(void **state)
{
    static const char parameters[] = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n"
                                     "-----END EC PARAMETERS-----\n";
    static const char *const others[] = {
        "hunter2",  "{\"a\": 1}\n", " ",
        parameters, "\x30\x82\x01", "-----BEGIN PRIVATE KEY-----\nAAAA\n"};
    CK_OBJECT_CLASS class = CKO_CERTIFICATE;
    CK_CERTIFICATE_TYPE x509 = CKC_X_509;
    CK_BBOOL yes = CK_TRUE;
    CK_OBJECT_HANDLE made = 0;
    AUTO_PEM block = {0};
    AUTO_SECRET text = {0};
    size_t at = 0;

    (void)state;
    assert_int_equal(store_secret_set(&text, RSA_CERTIFICATE, strlen(RSA_CERTIFICATE)), STORE_OK);
    assert_int_equal(pem_next(&text, &at, &block), STORE_OK);
    CK_ATTRIBUTE template[] = {{CKA_CLASS, &class, sizeof class},
                               {CKA_CERTIFICATE_TYPE, &x509, sizeof x509},
                               {CKA_TOKEN, &yes, sizeof yes},
                               {CKA_VALUE, (void *)(uintptr_t)block.der.data, block.der.len},
                               {CKA_LABEL, KEY, strlen(KEY)}};
    for (size_t i = 0; i < COUNT(others); i++) {
        store(others[i]);
        assert_int_equal(object_create(&caller, template, COUNT(template), &made),
                         CKR_TEMPLATE_INCONSISTENT);
        assert_string_equal(stored, others[i]);
    }
    store("of the key:\n" RSA_PKCS8);
    assert_int_equal(object_create(&caller, template, COUNT(template), &made), CKR_OK);
    assert_string_equal(stored, RSA_CERTIFICATE "of the key:\n" RSA_PKCS8);
}

static void unique_id(CK_OBJECT_HANDLE handle, char out[512])
{
    CK_ATTRIBUTE id = {CKA_UNIQUE_ID, out, 511};

    assert_int_equal(object_get_attributes(&caller, handle, &id, 1), CKR_OK);
    out[id.ulValueLen] = '\0';
}

/* Another program removes the first, and the second takes its number. */
static void a_handle_never_becomes_another_certificate(void **state)
{
    CK_OBJECT_HANDLE chain;
    CK_OBJECT_HANDLE own;
    CK_ULONG category;
    CK_ATTRIBUTE asked = {CKA_CERTIFICATE_CATEGORY, &category, sizeof category};
    char ids[2][512];

    (void)state;
    store(CHAIN_CERTIFICATE RSA_CERTIFICATE);
    chain = find(CKO_CERTIFICATE, KEY);
    unique_id(chain, ids[0]);
    store(RSA_CERTIFICATE);
    now += 2 * STORE_TIME_S;
    assert_int_equal(object_get_attributes(&caller, chain, &asked, 1), CKR_OBJECT_HANDLE_INVALID);
    assert_int_equal(destroy(chain), CKR_OBJECT_HANDLE_INVALID);
    assert_string_equal(stored, RSA_CERTIFICATE);
    own = find(CKO_CERTIFICATE, KEY);
    assert_int_not_equal(own, chain);
    unique_id(own, ids[1]);
    assert_string_not_equal(ids[0], ids[1]);
    assert_int_equal(object_get_attributes(&caller, chain, &asked, 1), CKR_OBJECT_HANDLE_INVALID);
    assert_int_equal(object_get_attributes(&caller, own, &asked, 1), CKR_OK);
    assert_int_equal(find(CKO_CERTIFICATE, KEY), own);
}

/* Before the module hears of the change, and after. */
static void a_secret_that_is_no_key_any_more_is_not_deleted_as_one(void **state)
{
    CK_OBJECT_HANDLE key;

    (void)state;
    store(P256_PKCS8);
    key = find(CKO_PRIVATE_KEY, KEY);
    store("just a password now");
    assert_int_equal(destroy(key), CKR_SIDESEAT_CONFLICT);
    assert_int_equal(destroy(key), CKR_OBJECT_HANDLE_INVALID);
    assert_string_equal(stored, "just a password now");
    store(P256_PKCS8);
    assert_int_equal(destroy(find(CKO_PRIVATE_KEY, KEY)), CKR_OK);
    assert_null(stored);
}

#define case_of(test) cmocka_unit_test_setup_teardown(test, with_session, without_session)

int main(void)
{
    const struct CMUnitTest tests[] = {
        case_of(a_newer_secret_is_not_deleted_with_an_older_certificate),
        case_of(text_of_the_owner_stays_when_a_certificate_goes),
        case_of(a_certificate_that_is_there_twice_goes_at_once),
        case_of(another_value_gets_no_certificate),
        case_of(a_handle_never_becomes_another_certificate),
        case_of(a_secret_that_is_no_key_any_more_is_not_deleted_as_one),
    };

    return cmocka_run_group_tests_name("object_certificate", tests, NULL, NULL);
}
