/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/pair.h"

#include <string.h>

#include "tests/unit/module/pki/keys.h"

/*
 * CKA_ALWAYS_AUTHENTICATE, 4.9: "If CK_TRUE, the user has to supply the PIN for each use (sign or
 * decrypt) with the key." A login with CKU_CONTEXT_SPECIFIC supplies it (5.6.8).
 */

#define session pair_session

static unsigned char text[] = "signed text";
static unsigned char signature[1024];
static CK_ULONG n;

static CK_RV start(const char *label)
{
    CK_MECHANISM mechanism = {
        strcmp(label, "global/asking") == 0 ? CKM_ECDSA_SHA256 : CKM_SHA256_RSA_PKCS, NULL, 0};

    n = sizeof signature;
    return p11->C_SignInit(session, &mechanism, pair_find(CKO_PRIVATE_KEY, label));
}

static CK_RV sign(void)
{
    return p11->C_Sign(session, text, sizeof text, signature, &n);
}

static CK_RV confirm(const char *pin)
{
    return p11->C_Login(session, CKU_CONTEXT_SPECIFIC, (CK_BYTE *)(uintptr_t)pin,
                        pin == NULL ? 0 : strlen(pin));
}

static void each_use_needs_a_login(void **state)
{
    CK_OBJECT_HANDLE key = pair_find(CKO_PRIVATE_KEY, "global/asking");

    (void)state;
    assert_int_equal(get_bool(session, key, CKA_ALWAYS_AUTHENTICATE), CK_TRUE);
    for (int again = 0; again < 2; again++) {
        assert_rv(start("global/asking"), CKR_OK);
        assert_rv(sign(), CKR_USER_NOT_LOGGED_IN);
        assert_rv(sign(), CKR_OPERATION_NOT_INITIALIZED);
        assert_rv(start("global/asking"), CKR_OK);
        assert_rv(p11->C_SignUpdate(session, text, 1), CKR_USER_NOT_LOGGED_IN);
        assert_rv(start("global/asking"), CKR_OK);
        assert_rv(confirm(NULL), CKR_OK);
        assert_rv(sign(), CKR_OK);
    }
}

/* 5.5.3: a rule that asks for logins changes no flag. OpenSSH uses no key of a token with
 * CKF_LOGIN_REQUIRED without a PIN, and without the other flag tools ask for one. */
static void the_token_itself_asks_for_no_login(void **state)
{
    CK_TOKEN_INFO info;

    (void)state;
    assert_rv(p11->C_GetTokenInfo(1, &info), CKR_OK);
    assert_int_equal(info.flags & CKF_LOGIN_REQUIRED, 0);
    assert_int_not_equal(info.flags & CKF_PROTECTED_AUTHENTICATION_PATH, 0);
}

/* A login of the user is for the token, not for a use. */
static void the_login_of_the_user_does_not_count(void **state)
{
    CK_MECHANISM verify = {CKM_ECDSA_SHA256, NULL, 0};

    (void)state;
    assert_rv(p11->C_Login(session, CKU_USER, NULL, 0), CKR_OK);
    assert_rv(start("global/asking"), CKR_OK);
    assert_rv(sign(), CKR_USER_NOT_LOGGED_IN);
    assert_rv(start("global/asking"), CKR_OK);
    assert_rv(confirm(NULL), CKR_OK);
    assert_rv(p11->C_SignUpdate(session, text, sizeof text), CKR_OK); /* one login, several parts */
    assert_rv(p11->C_SignFinal(session, signature, &n), CKR_OK);
    assert_rv(p11->C_VerifyInit(session, &verify, pair_find(CKO_PUBLIC_KEY, "global/asking")),
              CKR_OK);
    assert_rv(p11->C_Verify(session, text, sizeof text, signature, n), CKR_OK);
}

static void the_passphrase_of_an_encrypted_key_is_checked_each_time(void **state)
{
    (void)state;
    for (int again = 0; again < 2; again++) {
        assert_rv(start("global/asking_rsa"), CKR_OK);
        assert_rv(confirm("wrong"), CKR_PIN_INCORRECT);
        assert_rv(confirm(NULL), CKR_PIN_INCORRECT);
        assert_rv(confirm(PASSPHRASE), CKR_OK); /* the operation has waited */
        assert_rv(sign(), CKR_OK);
    }
    assert_rv(start("global/asking_rsa"), CKR_OK);
    assert_rv(confirm("wrong"), CKR_PIN_INCORRECT);
    assert_rv(sign(), CKR_USER_NOT_LOGGED_IN);
}

static void decryption_asks_as_well(void **state)
{
    CK_RSA_PKCS_OAEP_PARAMS oaep = {CKM_SHA256, CKG_MGF1_SHA256, CKZ_DATA_SPECIFIED, NULL, 0};
    CK_MECHANISM mechanism = {CKM_RSA_PKCS_OAEP, &oaep, sizeof oaep};
    CK_OBJECT_HANDLE key = pair_find(CKO_PRIVATE_KEY, "global/asking_rsa");
    unsigned char data[256] = {0};

    (void)state;
    n = sizeof signature;
    assert_rv(p11->C_DecryptInit(session, &mechanism, key), CKR_OK);
    assert_rv(p11->C_Decrypt(session, data, sizeof data, signature, &n), CKR_USER_NOT_LOGGED_IN);
    assert_rv(p11->C_DecryptInit(session, &mechanism, key), CKR_OK);
    assert_rv(confirm(PASSPHRASE), CKR_OK);
    assert_rv(p11->C_Decrypt(session, data, sizeof data, signature, &n),
              CKR_ENCRYPTED_DATA_INVALID);
}

/* 5.6.8: "to reauthenticate [...] immediately after" the call that begins the operation. */
static void a_login_is_for_the_operation_that_began_last(void **state)
{
    CK_BYTE iv[16] = {0};
    CK_MECHANISM cbc = {CKM_AES_CBC_PAD, iv, sizeof iv};
    CK_OBJECT_HANDLE dek = pair_find(CKO_SECRET_KEY, "global/dek_asking");

    (void)state;
    n = sizeof signature;
    assert_rv(start("global/asking"), CKR_OK);
    assert_rv(p11->C_EncryptInit(session, &cbc, dek), CKR_OK);
    assert_rv(confirm(NULL), CKR_OK);
    assert_rv(p11->C_Encrypt(session, text, sizeof text, signature, &n), CKR_OK);
    assert_rv(sign(), CKR_USER_NOT_LOGGED_IN);
    assert_rv(p11->C_EncryptInit(session, &cbc, dek), CKR_OK);
    assert_rv(start("global/asking"), CKR_OK);
    assert_rv(confirm(NULL), CKR_OK);
    assert_rv(sign(), CKR_OK);
    assert_rv(confirm(NULL), CKR_OK); /* and then for the one that still waits */
    assert_rv(p11->C_EncryptInit(session, NULL, 0), CKR_OK);
}

/* The attributes say so, too: no login belongs to C_UnwrapKey and C_DeriveKey. */
static void a_key_that_asks_cannot_unwrap(void **state)
{
    CK_OBJECT_HANDLE key = pair_find(CKO_PRIVATE_KEY, "global/asking_rsa");

    (void)state;
    assert_int_equal(get_bool(session, key, CKA_DECRYPT), CK_TRUE);
    assert_int_equal(get_bool(session, key, CKA_UNWRAP), CK_FALSE);
    assert_int_equal(get_bool(session, key, CKA_DERIVE), CK_FALSE);
}

static void a_login_that_nothing_waits_for_is_refused(void **state)
{
    (void)state;
    assert_rv(confirm(NULL), CKR_OPERATION_NOT_INITIALIZED);
    assert_rv(start("org/acme/tls_rsa"), CKR_OK);
    assert_rv(confirm(NULL), CKR_OPERATION_NOT_INITIALIZED);
    assert_rv(sign(), CKR_OK);
}

static const struct CMUnitTest tests[] = {
    paired(each_use_needs_a_login),
    paired(the_token_itself_asks_for_no_login),
    paired(the_login_of_the_user_does_not_count),
    paired(the_passphrase_of_an_encrypted_key_is_checked_each_time),
    paired(decryption_asks_as_well),
    paired(a_login_is_for_the_operation_that_began_last),
    paired(a_key_that_asks_cannot_unwrap),
    paired(a_login_that_nothing_waits_for_is_refused),
};

const struct chapter confirm_chapter = CHAPTER("confirm", tests);
