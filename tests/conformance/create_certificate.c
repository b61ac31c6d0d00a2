/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/pair.h"

#include <string.h>

#include "sideseat-pkcs11.h"
#include "tests/unit/module/pki/keys.h"

/*
 * C_CreateObject and C_DestroyObject of certificates, 4.6.3: "CKA_CERTIFICATE_TYPE" and "CKA_VALUE"
 * "must be specified when the object is created".
 */

#define session pair_session

#define TLS "org/acme/tls_rsa"
#define NEW_LABEL "org/acme/tls_new"

static CK_OBJECT_CLASS certificate_class = CKO_CERTIFICATE;
static CK_CERTIFICATE_TYPE x509 = CKC_X_509;

/* Bytes of a certificate of the token. */
struct bytes {
    unsigned char data[4096];
    CK_ULONG len;
};

static struct bytes value_of(CK_OBJECT_HANDLE certificate)
{
    struct bytes value;
    CK_ATTRIBUTE asked = {CKA_VALUE, value.data, sizeof value.data};

    assert_rv(p11->C_GetAttributeValue(session, certificate, &asked, 1), CKR_OK);
    value.len = asked.ulValueLen;
    return value;
}

static CK_RV create(const char *label, struct bytes *value, CK_OBJECT_HANDLE *out)
{
    CK_ATTRIBUTE template[] = {VARIABLE(CKA_CLASS, certificate_class),
                               VARIABLE(CKA_CERTIFICATE_TYPE, x509),
                               VARIABLE(CKA_TOKEN, yes),
                               {CKA_VALUE, value->data, value->len},
                               STRING(CKA_LABEL, label)};

    return p11->C_CreateObject(session, template, COUNT(template), out);
}

static void destroy(const char *label)
{
    assert_rv(p11->C_DestroyObject(session, pair_find(CKO_CERTIFICATE, label)), CKR_OK);
}

/* A renewed certificate comes before the others, and the key stays. */
static void a_certificate_is_added_to_its_keys_secret_and_taken_out(void **state)
{
    CK_OBJECT_HANDLE made = 0;
    struct bytes own;
    struct bytes chain;

    (void)state;
    if (!suite.writable)
        return;
    own = value_of(pair_find(CKO_CERTIFICATE, TLS));
    chain = value_of(pair_find(CKO_CERTIFICATE, TLS "#1"));
    destroy(TLS);
    assert_int_equal(value_of(pair_find(CKO_CERTIFICATE, TLS)).len, chain.len);
    assert_rv(create(TLS, &own, &made), CKR_OK);
    assert_int_equal(pair_find(CKO_CERTIFICATE, TLS), made);
    assert_memory_equal(value_of(made).data, own.data, own.len);
    assert_memory_equal(value_of(pair_find(CKO_CERTIFICATE, TLS "#1")).data, chain.data, chain.len);
    assert_rv(create(TLS, &own, &made), CKR_SIDESEAT_CONFLICT);
    destroy(TLS "#1");
    destroy(TLS);
    assert_int_equal(pair_find(CKO_CERTIFICATE, TLS), 0);
    assert_rv(create(TLS, &chain, &made), CKR_OK);
    assert_int_not_equal(pair_find(CKO_PRIVATE_KEY, TLS), 0);
}

/* Whose certificate it is needs the key's passphrase, which the rule names. */
static void the_certificate_of_an_encrypted_key_comes_first(void **state)
{
    CK_OBJECT_HANDLE made = 0;
    struct bytes chain;
    struct bytes own;

    (void)state;
    if (!suite.writable)
        return;
    own = value_of(pair_find(CKO_CERTIFICATE, TLS));
    chain = value_of(pair_find(CKO_CERTIFICATE, TLS "#1"));
    assert_rv(create("my key", &chain, &made), CKR_OK);
    assert_rv(create("my key", &own, &made), CKR_OK);
    assert_int_equal(pair_find(CKO_CERTIFICATE, "my key"), made);
    assert_memory_equal(value_of(made).data, own.data, own.len);
    assert_memory_equal(get_text(session, find_label(session, "global/locked"), CKA_VALUE, NULL),
                        "-----BEGIN CERTIFICATE-----\n", 28);
}

static void a_secret_may_hold_a_certificate_alone(void **state)
{
    CK_OBJECT_HANDLE made = 0;
    struct bytes own;

    (void)state;
    if (!suite.writable)
        return;
    own = value_of(pair_find(CKO_CERTIFICATE, TLS));
    assert_rv(create(NEW_LABEL, &own, &made), CKR_OK);
    assert_int_equal(pair_find(CKO_CERTIFICATE, NEW_LABEL), made);
    assert_memory_equal(get_text(session, find_label(session, NEW_LABEL), CKA_VALUE, NULL),
                        "-----BEGIN CERTIFICATE-----\n", 28);
    assert_rv(p11->C_DestroyObject(session, made), CKR_OK);
    assert_int_equal(find_label(session, NEW_LABEL), 0);
}

/* The rule of global/apart names another secret. */
static void a_rule_may_name_the_secret_of_the_certificates(void **state)
{
    CK_OBJECT_HANDLE made = 0;
    struct bytes own;

    (void)state;
    if (!suite.writable)
        return;
    own = value_of(pair_find(CKO_CERTIFICATE, TLS));
    assert_rv(create("global/apart", &own, &made), CKR_OK);
    assert_int_equal(pair_find(CKO_CERTIFICATE, "global/apart"), made);
    assert_int_not_equal(find_label(session, "global/apart_chain"), 0);
    expect_secret(session, "global/apart", RSA_PKCS1);
    assert_rv(p11->C_DestroyObject(session, made), CKR_OK);
    assert_int_equal(find_label(session, "global/apart_chain"), 0);
    expect_secret(session, "global/apart", RSA_PKCS1);
}

/* The pattern matches the secret of the certificates, too, which then holds its own. */
static void the_secret_of_the_certificates_may_match_the_pattern(void **state)
{
    CK_OBJECT_HANDLE made = 0;
    struct bytes own;

    (void)state;
    if (!suite.writable)
        return;
    own = value_of(pair_find(CKO_CERTIFICATE, TLS));
    p11->C_Finalize(NULL);
    write_configuration("{\"pkcs11\": {\"keys\": ["
                        "{\"key\": \"global/*\", \"certificate\": \"global/chain\"}]}}");
    assert_rv(p11->C_Initialize(NULL), CKR_OK);
    session = open_rw();
    assert_rv(create("global/chain", &own, &made), CKR_OK);
    assert_int_equal(pair_find(CKO_CERTIFICATE, "global/chain"), made);
    assert_rv(create("global/chain", &own, &made), CKR_SIDESEAT_CONFLICT);
    assert_rv(p11->C_DestroyObject(session, made), CKR_OK);
    assert_int_equal(find_label(session, "global/chain"), 0);
}

static void what_is_not_a_certificate_is_refused(void **state)
{
    CK_OBJECT_HANDLE certificate = pair_find(CKO_CERTIFICATE, TLS);
    CK_OBJECT_HANDLE made = 0;
    CK_ATTRIBUTE bare[] = {VARIABLE(CKA_CLASS, certificate_class), VARIABLE(CKA_TOKEN, yes),
                           TEXT(CKA_LABEL, NEW_LABEL)};
    struct bytes own = value_of(certificate);

    (void)state;
    if (!suite.writable) {
        assert_rv(create(NEW_LABEL, &own, &made), CKR_TOKEN_WRITE_PROTECTED);
        assert_rv(p11->C_DestroyObject(session, certificate), CKR_TOKEN_WRITE_PROTECTED);
        return;
    }
    assert_rv(p11->C_CreateObject(session, bare, COUNT(bare), &made), CKR_TEMPLATE_INCOMPLETE);
    bare[1].pValue = &no;
    assert_rv(p11->C_CreateObject(session, bare, COUNT(bare), &made), CKR_ATTRIBUTE_VALUE_INVALID);
    assert_rv(create("org/acme/new", &own, &made), CKR_TEMPLATE_INCONSISTENT);
    own.len--;
    assert_rv(create(NEW_LABEL, &own, &made), CKR_ATTRIBUTE_VALUE_INVALID);
    own.len = 0;
    assert_rv(create(NEW_LABEL, &own, &made), CKR_ATTRIBUTE_VALUE_INVALID);
    assert_int_equal(made, 0);
    assert_int_equal(find_label(session, NEW_LABEL), 0);
}

static const struct CMUnitTest tests[] = {
    paired(a_certificate_is_added_to_its_keys_secret_and_taken_out),
    paired(the_certificate_of_an_encrypted_key_comes_first),
    paired(a_secret_may_hold_a_certificate_alone),
    paired(a_rule_may_name_the_secret_of_the_certificates),
    paired(the_secret_of_the_certificates_may_match_the_pattern),
    paired(what_is_not_a_certificate_is_refused),
};

const struct chapter create_certificate_chapter = CHAPTER("create-certificate", tests);
