/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/conformance/pair.h"
#include "sideseat-pkcs11.h"
#include "tests/unit/module/pki/keys.h"

/*
 * Key pairs and certificates: 4.6 (certificates), 4.8 and 4.9 (public and private keys). The
 * secrets that pkcs11.keys names hold them, as text that openssl(1) and ssh-keygen(1) have written.
 */

#define CONFIGURATION                                                                              \
    "{\"pkcs11\": {\"keys\": [\"org/acme/tls_*\", \"user/*/ssh\","                                 \
    "{\"key\": \"global/locked\", \"passphrase\": \"global/passphrase\", \"label\": \"my key\","   \
    "\"id\": \"0a0b\"},"                                                                           \
    "{\"key\": \"global/locked_*\", \"passphrase\": \"global/passphrase\"},"                       \
    "{\"key\": \"global/orphan_*\", \"passphrase\": \"global/none\"},"                             \
    "{\"key\": \"global/pin\", \"sensitive\": true},"                                              \
    "{\"key\": \"global/asking\", \"always_authenticate\": true},"                                 \
    "{\"key\": \"global/asking_rsa\", \"always_authenticate\": true, "                             \
    "\"passphrase\": \"global/passphrase\", \"usage\": [\"sign\", \"decrypt\"]},"                  \
    "{\"key\": \"global/apart\", \"certificate\": \"global/apart_chain\"},"                        \
    "{\"key\": \"global/old\", \"usage\": [\"decrypt_pkcs1\"]},"                                   \
    "{\"key\": \"global/agree_asking\", \"usage\": [\"derive\"], \"always_authenticate\": true},"  \
    "{\"key\": \"global/agree_*\", \"usage\": [\"derive\"]},"                                      \
    "{\"key\": \"global/dek\", \"type\": \"aes\"},"                                                \
    "{\"key\": \"global/dek_wrap\", \"type\": \"aes\", \"encoding\": \"base64\", "                 \
    "\"usage\": [\"wrap\", \"unwrap\"], \"sensitive\": true},"                                     \
    "{\"key\": \"global/dek_asking\", \"type\": \"aes\", \"always_authenticate\": true, "          \
    "\"usage\": [\"encrypt\", \"decrypt\", \"wrap\", \"unwrap\"]},"                                \
    "{\"key\": \"global/dek_short\", \"type\": \"aes\"},"                                          \
    "{\"key\": \"global/dek_odd\", \"type\": \"aes\"},"                                            \
    "{\"key\": \"global/dek_new\", \"type\": \"aes\"},"                                            \
    "{\"key\": \"global/bare\", \"usage\": [\"raw\"]},"                                            \
    "{\"key\": \"global/idle\", \"usage\": [\"decrypt\"]}]}}"

static const char *const stored[][2] = {
    {"org/acme/tls_rsa", RSA_CERTIFICATE RSA_PKCS8 CHAIN_CERTIFICATE},
    {"org/acme/tls_p256", P256_SEC1},
    {"org/acme/tls_p384", P384_SEC1},
    {"org/acme/tls_p521", P521_PKCS8},
    {"user/u1/ssh", ED25519_OPENSSH},
    {"user/u2/ssh", ED448_PKCS8},
    {"global/locked", RSA_ENCRYPTED},
    {"global/passphrase", PASSPHRASE},
    {"global/pin", RSA_ENCRYPTED},
    {"global/idle", RSA_PKCS1},
    {"global/old", RSA_PKCS1},
    {"global/bare", RSA_PKCS1},
    {"global/agree_p256", P256_PKCS8},
    {"global/agree_asking", P256_PKCS8},
    {"global/agree_x25519", X25519_PKCS8},
    {"global/apart", RSA_PKCS1},
    {"global/asking", P256_PKCS8},
    {"global/asking_rsa", RSA_ENCRYPTED},
    {"global/dek", "2b7e151628aed2a6abf7158809cf4f3c\n"},
    {"global/dek_wrap", "/v/pkoZlcxxtao+UZzCDCA=="},
    {"global/dek_asking", "2b7e151628aed2a6abf7158809cf4f3c"},
    {"global/dek_short", "2b7e15"},
    {"global/dek_odd", "not hexadecimal"},
    {"org/acme/tls_note", "not a key"},
    {"org/acme/tls_curve", SECP256K1},
    {"org/acme/other", P256_SEC1},
};

unsigned char pair_p256[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
unsigned char pair_p384[] = {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22};
unsigned char pair_p521[] = {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23};
unsigned char pair_secp256k1[] = {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x0a};
unsigned char pair_ed25519[] = {0x06, 0x03, 0x2b, 0x65, 0x70};

const struct pair pairs[PAIRS] = {
    {"org/acme/tls_rsa", CKK_RSA, 256},
    {"org/acme/tls_p256", CKK_EC, 64},
    {"org/acme/tls_p384", CKK_EC, 96},
    {"org/acme/tls_p521", CKK_EC, 132},
    {"user/u1/ssh", CKK_EC_EDWARDS, 64},
    {"user/u2/ssh", CKK_EC_EDWARDS, 114},
    {"my key", CKK_RSA, 256},
};
/* And more: six may not sign, two ask for a login, one has certificates apart. */
#define OTHERS 9
#define AES_KEYS 5 /* that the store has */

static CK_OBJECT_CLASS private_key = CKO_PRIVATE_KEY;
static CK_OBJECT_CLASS public_key = CKO_PUBLIC_KEY;
static CK_OBJECT_CLASS certificate = CKO_CERTIFICATE;
CK_SESSION_HANDLE pair_session;
#define session pair_session

/* The variable of a secret, for the backend that reads these. */
static void set_variable(const char *label, const char *value)
{
    char name[128] = "SIDESEAT_SECRET_";
    size_t used = strlen(name);

    for (size_t i = 0; label[i] != '\0' && used + 1 < sizeof name; i++)
        name[used++] = label[i] == '/' ? '_' : (char)toupper((unsigned char)label[i]);
    name[used] = '\0';
    if (value != NULL)
        setenv(name, value, 1);
    else
        unsetenv(name);
}

int with_pairs(void **state)
{
    for (size_t i = 0; i < COUNT(stored); i++)
        set_variable(stored[i][0], stored[i][1]);
    if (with_module(state) != 0)
        return -1;
    write_configuration(CONFIGURATION);
    if (p11->C_Initialize(NULL) != CKR_OK)
        return -1;
    session = suite.writable ? open_rw() : open_ro();
    for (size_t i = 0; suite.writable && i < COUNT(stored); i++)
        create_secret(session, stored[i][0], stored[i][1]);
    return 0;
}

int without_pairs(void **state)
{
    for (size_t i = 0; i < COUNT(stored); i++)
        set_variable(stored[i][0], NULL);
    return without_module(state);
}

/* The one object of the class with this label; 0 if there is none. */
CK_OBJECT_HANDLE pair_find(CK_OBJECT_CLASS class, const char *label)
{
    CK_ATTRIBUTE template[] = {VARIABLE(CKA_CLASS, class), STRING(CKA_LABEL, label)};
    CK_OBJECT_HANDLE found = 0;

    assert_true(find(session, template, 2, &found, 1) <= 1);
    return found;
}

static CK_ULONG get_ulong(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type)
{
    CK_ULONG value = 0;
    CK_ATTRIBUTE asked = VARIABLE(type, value);

    assert_rv(p11->C_GetAttributeValue(session, object, &asked, 1), CKR_OK);
    return value;
}

/* Fails unless the objects have the same bytes in this attribute, and some. */
static void assert_same(CK_OBJECT_HANDLE a, CK_OBJECT_HANDLE b, CK_ATTRIBUTE_TYPE type)
{
    CK_ULONG a_len;
    CK_ULONG b_len;
    const char *a_text = get_text(session, a, type, &a_len);
    const char *b_text = get_text(session, b, type, &b_len);

    assert_true(a_len > 0 && a_len == b_len);
    assert_memory_equal(a_text, b_text, a_len);
}

static void a_secret_that_matches_is_a_key_pair_and_no_other_is(void **state)
{
    CK_ATTRIBUTE all[] = {VARIABLE(CKA_CLASS, private_key), VARIABLE(CKA_TOKEN, yes)};

    (void)state;
    assert_int_equal(find(session, all, 2, NULL, 0), PAIRS + OTHERS);
    all[0].pValue = &public_key;
    assert_int_equal(find(session, all, 2, NULL, 0), PAIRS + OTHERS);
    all[0].pValue = &certificate;
    assert_int_equal(find(session, all, 1, NULL, 0), 2);
    all[1].pValue = &no;
    assert_int_equal(find(session, all, 2, NULL, 0), 0);
    for (size_t i = 0; i < PAIRS; i++) {
        assert_int_not_equal(pair_find(CKO_PRIVATE_KEY, pairs[i].label), 0);
        assert_int_not_equal(pair_find(CKO_PUBLIC_KEY, pairs[i].label), 0);
    }
    assert_int_equal(pair_find(CKO_PRIVATE_KEY, "org/acme/other"), 0);
    assert_int_equal(pair_find(CKO_PRIVATE_KEY, "org/acme/tls_note"), 0);
    assert_int_equal(pair_find(CKO_PRIVATE_KEY, "global/locked"), 0); /* its label is another */
}

/* A search for everything finds data, keys and certificates, each once. */
static void a_search_for_everything_finds_each_object_once(void **state)
{
    CK_OBJECT_HANDLE found[128];
    CK_ULONG count = find(session, NULL, 0, found, COUNT(found));

    (void)state;
    assert_true(count <= COUNT(found));
    for (CK_ULONG i = 0; i < count; i++)
        for (CK_ULONG j = 0; j < i; j++)
            assert_int_not_equal(found[i], found[j]);
    assert_true(count >= COUNT(stored) + 2 * (PAIRS + OTHERS) + 2 + AES_KEYS);
}

static void one_identifier_joins_the_objects_of_a_key(void **state)
{
    (void)state;
    for (size_t i = 0; i < PAIRS; i++) {
        CK_OBJECT_HANDLE private = pair_find(CKO_PRIVATE_KEY, pairs[i].label);
        CK_OBJECT_HANDLE public = pair_find(CKO_PUBLIC_KEY, pairs[i].label);
        CK_ULONG len;
        CK_ATTRIBUTE by_id[] = {{CKA_ID, NULL, 0}};
        CK_OBJECT_HANDLE found[3] = {0};
        bool rsa = strcmp(pairs[i].label, "org/acme/tls_rsa") == 0;

        assert_same(private, public, CKA_ID);
        assert_same(private, public, CKA_PUBLIC_KEY_INFO);
        by_id[0].pValue = (void *)(uintptr_t)get_text(session, private, CKA_ID, &len);
        by_id[0].ulValueLen = len;
        assert_int_equal(len, strcmp(pairs[i].label, "my key") == 0 ? 2 : 20);
        assert_true(find(session, by_id, 1, found, 3) >= (rsa ? 3u : 2u));
    }
}

static void a_private_key_has_its_attributes_and_gives_no_secret(void **state)
{
    static const CK_ATTRIBUTE_TYPE secret[] = {
        CKA_PRIVATE_EXPONENT, CKA_PRIME_1,     CKA_PRIME_2, CKA_EXPONENT_1,
        CKA_EXPONENT_2,       CKA_COEFFICIENT, CKA_VALUE};

    (void)state;
    for (size_t i = 0; i < PAIRS; i++) {
        CK_OBJECT_HANDLE key = pair_find(CKO_PRIVATE_KEY, pairs[i].label);
        size_t refused = 0;

        assert_int_equal(get_ulong(key, CKA_CLASS), CKO_PRIVATE_KEY);
        assert_int_equal(get_ulong(key, CKA_KEY_TYPE), pairs[i].type);
        assert_int_equal(get_ulong(key, CKA_KEY_GEN_MECHANISM), CK_UNAVAILABLE_INFORMATION);
        assert_int_equal(get_bool(session, key, CKA_TOKEN), CK_TRUE);
        assert_int_equal(get_bool(session, key, CKA_PRIVATE), CK_TRUE);
        assert_int_equal(get_bool(session, key, CKA_SENSITIVE), CK_TRUE);
        assert_int_equal(get_bool(session, key, CKA_EXTRACTABLE), CK_FALSE);
        assert_int_equal(get_bool(session, key, CKA_SIGN), CK_TRUE);
        assert_int_equal(get_bool(session, key, CKA_DECRYPT), CK_FALSE);
        assert_int_equal(get_bool(session, key, CKA_SIGN_RECOVER), CK_FALSE);
        assert_int_equal(get_bool(session, key, CKA_UNWRAP), CK_FALSE);
        assert_int_equal(get_bool(session, key, CKA_DERIVE), CK_FALSE);
        assert_int_equal(get_bool(session, key, CKA_LOCAL), CK_FALSE);
        assert_int_equal(get_bool(session, key, CKA_ALWAYS_AUTHENTICATE), CK_FALSE);
        assert_int_equal(get_bool(session, key, CKA_MODIFIABLE), CK_FALSE);
        for (size_t j = 0; j < COUNT(secret); j++) {
            unsigned char buffer[4096] = {0};
            CK_ATTRIBUTE asked = {secret[j], buffer, sizeof buffer};
            CK_RV rv = p11->C_GetAttributeValue(session, key, &asked, 1);
            assert_true(rv == CKR_ATTRIBUTE_SENSITIVE || rv == CKR_ATTRIBUTE_TYPE_INVALID);
            assert_int_equal(asked.ulValueLen, CK_UNAVAILABLE_INFORMATION);
            assert_int_equal(buffer[0], 0);
            refused += rv == CKR_ATTRIBUTE_SENSITIVE;
        }
        assert_int_equal(refused, pairs[i].type == CKK_RSA ? 6 : 1);
    }
}

static void a_public_key_has_its_numbers(void **state)
{
    (void)state;
    for (size_t i = 0; i < PAIRS; i++) {
        CK_OBJECT_HANDLE key = pair_find(CKO_PUBLIC_KEY, pairs[i].label);
        unsigned char room[8];
        CK_ATTRIBUTE other = {pairs[i].type == CKK_RSA ? CKA_EC_POINT : CKA_MODULUS, room, 8};
        CK_ULONG len;

        assert_int_equal(get_ulong(key, CKA_CLASS), CKO_PUBLIC_KEY);
        assert_int_equal(get_ulong(key, CKA_KEY_TYPE), pairs[i].type);
        assert_int_equal(get_bool(session, key, CKA_VERIFY), CK_TRUE);
        assert_rv(p11->C_GetAttributeValue(session, key, &other, 1), CKR_ATTRIBUTE_TYPE_INVALID);
        if (pairs[i].type == CKK_RSA) {
            (void)get_text(session, key, CKA_MODULUS, &len);
            assert_int_equal(len, 256);
            assert_memory_equal(get_text(session, key, CKA_PUBLIC_EXPONENT, &len), "\1\0\1", 3);
            assert_int_equal(get_ulong(key, CKA_MODULUS_BITS), 2048);
        } else {
            assert_int_equal(get_text(session, key, CKA_EC_PARAMS, &len)[0], 0x06);
            assert_int_equal(get_text(session, key, CKA_EC_POINT, &len)[0], 0x04);
        }
    }
}

/* The rule says so of one secret, and of no other. */
static void the_data_object_of_a_sensitive_key_gives_no_value(void **state)
{
    char room[4096];
    CK_ATTRIBUTE value = {CKA_VALUE, room, sizeof room};
    CK_OBJECT_HANDLE data = pair_find(CKO_DATA, "global/pin");

    (void)state;
    assert_int_not_equal(data, 0);
    assert_rv(p11->C_GetAttributeValue(session, data, &value, 1), CKR_ATTRIBUTE_SENSITIVE);
    expect_secret(session, "global/passphrase", PASSPHRASE);
}

/* The status names the secrets that a rule means and that no key pair comes of. */
static void the_status_names_the_keys_that_cannot_be_used(void **state)
{
    CK_OBJECT_CLASS class = CKO_SIDESEAT_STATUS;
    CK_ATTRIBUTE template[] = {VARIABLE(CKA_CLASS, class)};
    CK_OBJECT_HANDLE status = 0;
    char room[65536];
    CK_ATTRIBUTE text = {CKA_SIDESEAT_STATUS, room, sizeof room - 1};

    (void)state;
    (void)pair_find(CKO_PRIVATE_KEY, "org/acme/tls_rsa");
    assert_true(find(session, NULL, 0, NULL, 0) > 0);
    assert_int_equal(find(session, template, 1, &status, 1), 1);
    assert_rv(p11->C_GetAttributeValue(session, status, &text, 1), CKR_OK);
    room[text.ulValueLen] = '\0';
    assert_non_null(strstr(room, "\"key\":\"global/pin\",\"fault\":\"holds an encrypted key"));
    assert_non_null(strstr(room, "\"key\":\"org/acme/tls_curve\""));
    assert_null(strstr(room, "\"key\":\"org/acme/tls_note\"")); /* a pattern matches by chance */
    assert_null(strstr(room, "\"key\":\"org/acme/tls_rsa\""));
}

/* 4.6.2 */
static void certificates_follow_their_key(void **state)
{
    CK_ATTRIBUTE all[] = {VARIABLE(CKA_CLASS, certificate)};
    CK_OBJECT_HANDLE found[2] = {0};
    CK_OBJECT_HANDLE key = pair_find(CKO_PRIVATE_KEY, "org/acme/tls_rsa");
    CK_ULONG len;

    (void)state;
    assert_int_equal(find(session, all, 1, found, 2), 2);
    assert_same(found[0], key, CKA_ID);
    assert_same(found[0], key, CKA_SUBJECT);
    assert_same(found[0], key, CKA_LABEL);
    assert_int_equal(pair_find(CKO_CERTIFICATE, "org/acme/tls_rsa"), found[0]);
    assert_string_equal(get_text(session, found[1], CKA_LABEL, NULL), "org/acme/tls_rsa#1");
    assert_int_equal(pair_find(CKO_CERTIFICATE, "org/acme/tls_rsa#1"), found[1]);
    assert_int_equal(pair_find(CKO_CERTIFICATE, "org/acme/tls_rsa#2"), 0);
    assert_same(found[0], key, CKA_PUBLIC_KEY_INFO);
    assert_same(found[0], found[1], CKA_ISSUER);
    assert_same(found[1], found[1], CKA_SERIAL_NUMBER);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(get_ulong(found[i], CKA_CERTIFICATE_TYPE), CKC_X_509);
        assert_int_equal(get_bool(session, found[i], CKA_TRUSTED), CK_FALSE);
        assert_int_equal((unsigned char)get_text(session, found[i], CKA_VALUE, &len)[0], 0x30);
        (void)get_text(session, found[i], CKA_CHECK_VALUE, &len);
        assert_int_equal(len, 3);
    }
    assert_int_equal(get_ulong(found[0], CKA_CERTIFICATE_CATEGORY), 1); /* the token's user */
    assert_int_equal(get_ulong(found[1], CKA_CERTIFICATE_CATEGORY), 2); /* an authority */
}

/* An encrypted key appears once its passphrase was given. */
static void the_pin_of_a_login_opens_an_encrypted_key(void **state)
{
    CK_MECHANISM mechanism = {CKM_SHA256_RSA_PKCS, NULL, 0};
    unsigned char wrong[] = "wrong";
    unsigned char right[] = PASSPHRASE;
    CK_OBJECT_HANDLE key;

    (void)state;
    assert_int_equal(pair_find(CKO_PRIVATE_KEY, "global/pin"), 0);
    assert_rv(p11->C_Login(session, CKU_USER, wrong, sizeof wrong - 1), CKR_OK);
    assert_int_equal(pair_find(CKO_PRIVATE_KEY, "global/pin"), 0);
    assert_rv(p11->C_Logout(session), CKR_OK);
    assert_rv(p11->C_Login(session, CKU_USER, right, sizeof right - 1), CKR_OK);
    key = pair_find(CKO_PRIVATE_KEY, "global/pin");
    assert_int_not_equal(key, 0);
    assert_rv(p11->C_SignInit(session, &mechanism, key), CKR_OK);
    assert_rv(p11->C_Logout(session), CKR_OK);
    assert_rv(p11->C_SignInit(session, &mechanism, key), CKR_KEY_HANDLE_INVALID);
    assert_int_equal(pair_find(CKO_PUBLIC_KEY, "org/acme/tls_rsa"), 0); /* nothing is shown */
    assert_rv(p11->C_Login(session, CKU_USER, NULL, 0), CKR_OK);
    assert_int_equal(pair_find(CKO_PRIVATE_KEY, "global/pin"), 0);
    assert_int_not_equal(pair_find(CKO_PUBLIC_KEY, "org/acme/tls_rsa"), 0);
}

/* Its passphrase is in a secret that the rule names: a wrong rule, or a wrong secret, not a wrong
 * PIN. */
static void a_key_whose_passphrase_is_gone_does_not_sign(void **state)
{
    CK_MECHANISM mechanism = {CKM_SHA256_RSA_PKCS, NULL, 0};
    CK_OBJECT_HANDLE key = pair_find(CKO_PRIVATE_KEY, "my key");

    (void)state;
    assert_int_not_equal(key, 0);
    if (!suite.writable)
        return;
    assert_rv(p11->C_DestroyObject(session, find_label(session, "global/passphrase")), CKR_OK);
    assert_rv(p11->C_SignInit(session, &mechanism, key), CKR_SIDESEAT_MISCONFIGURED);
    create_secret(session, "global/passphrase", "wrong");
    assert_rv(p11->C_SignInit(session, &mechanism, key), CKR_SIDESEAT_MISCONFIGURED);
    create_secret(session, "global/passphrase", PASSPHRASE);
    assert_rv(p11->C_SignInit(session, &mechanism, key), CKR_OK);
}

static void searches_by_scope_and_unique_id_find_keys(void **state)
{
    CK_ATTRIBUTE scope[] = {VARIABLE(CKA_CLASS, private_key), TEXT(CKA_SIDESEAT_SCOPE, "user"),
                            TEXT(CKA_SIDESEAT_SCOPE_ID, "u1")};
    CK_ATTRIBUTE public[] = {VARIABLE(CKA_CLASS, public_key), TEXT(CKA_LABEL, "user/u1/ssh")};
    CK_ATTRIBUTE unique = {CKA_UNIQUE_ID, NULL, 0};
    CK_OBJECT_HANDLE found[2] = {0};
    char id[300];

    (void)state;
    assert_int_equal(find(session, scope, 3, found, 2), 1);
    assert_string_equal(get_text(session, found[0], CKA_LABEL, NULL), "user/u1/ssh");
    assert_int_equal(find(session, public, 2, found, 2), 1);
    unique.pValue = strcpy(id, get_text(session, found[0], CKA_UNIQUE_ID, &unique.ulValueLen));
    assert_int_equal(find(session, &unique, 1, found, 2), 1);
    assert_int_equal(get_ulong(found[0], CKA_CLASS), CKO_PUBLIC_KEY);
}

/* Where the store may not be read, a search for private keys fails; an empty answer would say that
 * there are none. The label of the second search comes from the configuration. */
static void private_keys_of_a_forbidden_store_are_not_absent(void **state)
{
    CK_ATTRIBUTE every[] = {VARIABLE(CKA_CLASS, private_key)};
    CK_ATTRIBUTE labelled[] = {VARIABLE(CKA_CLASS, private_key), TEXT(CKA_LABEL, "user/ssh")};
    CK_ATTRIBUTE data[] = {VARIABLE(CKA_CLASS, class_data), TEXT(CKA_LABEL, "user/ssh")};
    char path[160];

    (void)state;
    if (strcmp(suite.backend, "file") != 0)
        return; /* it is simple to forbid a file */
    p11->C_Finalize(NULL);
    write_configuration("{\"pkcs11\": {\"keys\": ["
                        "{\"key\": \"user/u1/ssh\", \"label\": \"user/ssh\"}]}}");
    assert_rv(p11->C_Initialize(NULL), CKR_OK);
    session = open_ro();
    snprintf(path, sizeof path, "%s/data/secrets.json", suite.folder);
    assert_int_equal(chmod(path, 0666), 0);
    assert_rv(p11->C_FindObjectsInit(session, every, 1), CKR_SIDESEAT_DENIED);
    assert_rv(p11->C_FindObjectsInit(session, labelled, 2), CKR_SIDESEAT_DENIED);
    assert_int_equal(find(session, data, 2, NULL, 0), 0);
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(find(session, every, 1, NULL, 0), 1);
    assert_int_equal(find(session, labelled, 2, NULL, 0), 1);
}

/* The damaged secret of a rule's label is not absent, and hides no other object of that label. */
static void a_label_of_a_damaged_key_may_be_that_of_data(void **state)
{
    CK_ATTRIBUTE label = TEXT(CKA_LABEL, "my key");
    CK_ATTRIBUTE private[] = {VARIABLE(CKA_CLASS, private_key), label};
    CK_ATTRIBUTE data[] = {VARIABLE(CKA_CLASS, class_data), label};
    char path[160];
    FILE *file;

    (void)state;
    if (strcmp(suite.backend, "file") != 0)
        return; /* it is simple to damage a file */
    p11->C_Finalize(NULL);
    snprintf(path, sizeof path, "%s/data/secrets.json", suite.folder);
    file = fopen(path, "we");
    assert_non_null(file);
    fputs("{\"version\": 2, \"secrets\": {\"global/locked\": {\"value\": 5},"
          " \"global/my key\": {\"value\": \"words\"}}}",
          file);
    fclose(file);
    assert_rv(p11->C_Initialize(NULL), CKR_OK);
    session = open_ro();
    assert_rv(p11->C_FindObjectsInit(session, private, 2), CKR_SIDESEAT_DAMAGED);
    assert_int_equal(find(session, &label, 1, NULL, 0), 1);
    assert_int_equal(find(session, data, 2, NULL, 0), 1);
}

static const struct CMUnitTest tests[] = {
    paired(a_label_of_a_damaged_key_may_be_that_of_data),
    paired(private_keys_of_a_forbidden_store_are_not_absent),
    paired(a_secret_that_matches_is_a_key_pair_and_no_other_is),
    paired(a_search_for_everything_finds_each_object_once),
    paired(one_identifier_joins_the_objects_of_a_key),
    paired(a_private_key_has_its_attributes_and_gives_no_secret),
    paired(a_public_key_has_its_numbers),
    paired(certificates_follow_their_key),
    paired(the_data_object_of_a_sensitive_key_gives_no_value),
    paired(the_status_names_the_keys_that_cannot_be_used),
    paired(the_pin_of_a_login_opens_an_encrypted_key),
    paired(a_key_whose_passphrase_is_gone_does_not_sign),
    paired(searches_by_scope_and_unique_id_find_keys),
};

const struct chapter pair_chapter = CHAPTER("pair", tests);
