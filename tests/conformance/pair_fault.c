/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/pair.h"

#include <string.h>

#include "sideseat-pkcs11.h"
#include "tests/unit/module/pki/keys.h"

/*
 * A secret that is meant to hold a private key, and whose value cannot be used as one:
 * sideseat-pkcs11(7) says of the damaged state that it never counts as absent, which
 * CKR_KEY_HANDLE_INVALID and an empty search would say.
 */

#define session pair_session

#define CUT "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49\n-----END PRIVATE KEY-----\n"

static CK_OBJECT_CLASS private_class = CKO_PRIVATE_KEY;
static CK_OBJECT_CLASS public_class = CKO_PUBLIC_KEY;
static CK_MECHANISM ecdsa = {CKM_ECDSA_SHA256, NULL, 0};

static const char *const unusable[] = {CUT, RSA_SMALL, P256_EXPLICIT, SECP256K1, RSA_OLD};

static CK_RV search(CK_OBJECT_CLASS *class, const char *label)
{
    CK_ATTRIBUTE template[] = {{CKA_CLASS, class, sizeof *class}, STRING(CKA_LABEL, label)};
    CK_RV rv = p11->C_FindObjectsInit(session, template, COUNT(template));

    if (rv == CKR_OK)
        assert_rv(p11->C_FindObjectsFinal(session), CKR_OK);
    return rv;
}

static void assert_damaged(const char *label, CK_OBJECT_HANDLE private, CK_OBJECT_HANDLE public)
{
    unsigned char room[600];
    CK_ATTRIBUTE id = VARIABLE(CKA_ID, room);
    CK_OBJECT_CLASS class = 0;
    CK_ATTRIBUTE both[] = {VARIABLE(CKA_ID, room), VARIABLE(CKA_CLASS, class)};

    assert_rv(p11->C_SignInit(session, &ecdsa, private), CKR_SIDESEAT_DAMAGED);
    assert_rv(p11->C_VerifyInit(session, &ecdsa, public), CKR_SIDESEAT_DAMAGED);
    assert_rv(p11->C_GetAttributeValue(session, private, &id, 1), CKR_SIDESEAT_DAMAGED);
    assert_int_equal(id.ulValueLen, CK_UNAVAILABLE_INFORMATION);
    assert_rv(p11->C_GetAttributeValue(session, public, both, 2), CKR_SIDESEAT_DAMAGED);
    assert_int_equal(class, CKO_PUBLIC_KEY);
    assert_rv(search(&private_class, label), CKR_SIDESEAT_DAMAGED);
    assert_rv(search(&public_class, label), CKR_SIDESEAT_DAMAGED);
}

/* Each kind of fault, at a handle from before it. */
static void a_key_that_cannot_be_used_is_damaged_and_not_absent(void **state)
{
    static const char *const labels[] = {"global/asking",
                                         "org/acme/tls_p256"}; /* a name, a pattern */

    (void)state;
    if (!suite.writable)
        skip();
    for (size_t i = 0; i < COUNT(labels); i++) {
        CK_OBJECT_HANDLE private = pair_find(CKO_PRIVATE_KEY, labels[i]);
        CK_OBJECT_HANDLE public = pair_find(CKO_PUBLIC_KEY, labels[i]);
        for (size_t j = 0; j < COUNT(unusable); j++) {
            create_secret(session, labels[i], unusable[j]);
            assert_damaged(labels[i], private, public);
        }
        create_secret(session, labels[i], P256_SEC1);
        assert_rv(p11->C_SignInit(session, &ecdsa, private), CKR_OK);
        assert_rv(p11->C_SignInit(session, NULL, 0), CKR_OK);
        assert_int_equal(pair_find(CKO_PUBLIC_KEY, labels[i]), public);
    }
}

/* A name in pkcs11.keys is meant to be a key; what a pattern happens to match is not. */
static void a_text_is_damaged_only_where_a_rule_names_it(void **state)
{
    CK_OBJECT_HANDLE named = pair_find(CKO_PRIVATE_KEY, "global/asking");
    CK_OBJECT_HANDLE matched = pair_find(CKO_PRIVATE_KEY, "org/acme/tls_p256");

    (void)state;
    if (!suite.writable)
        skip();
    create_secret(session, "global/asking", "not a key");
    create_secret(session, "org/acme/tls_p256", "not a key");
    assert_rv(p11->C_SignInit(session, &ecdsa, named), CKR_SIDESEAT_DAMAGED);
    assert_rv(search(&private_class, "global/asking"), CKR_SIDESEAT_DAMAGED);
    assert_rv(p11->C_SignInit(session, &ecdsa, matched), CKR_KEY_HANDLE_INVALID);
    assert_int_equal(pair_find(CKO_PRIVATE_KEY, "org/acme/tls_p256"), 0);
}

/* 5.7.7: a search for more than the one key finds the others. */
static void a_damaged_key_hides_no_other_object(void **state)
{
    CK_ATTRIBUTE every[] = {VARIABLE(CKA_CLASS, private_class)};
    CK_ATTRIBUTE label = TEXT(CKA_LABEL, "global/asking");
    CK_OBJECT_HANDLE private = pair_find(CKO_PRIVATE_KEY, "global/asking");
    CK_ULONG before = find(session, every, 1, NULL, 0);
    CK_ULONG all = find(session, NULL, 0, NULL, 0);

    (void)state;
    if (!suite.writable)
        skip();
    create_secret(session, "global/asking", CUT);
    assert_rv(p11->C_SignInit(session, &ecdsa, private), CKR_SIDESEAT_DAMAGED);
    assert_int_equal(find(session, every, 1, NULL, 0), before - 1);
    assert_int_equal(find(session, NULL, 0, NULL, 0), all - 2); /* both halves */
    assert_int_equal(find(session, &label, 1, NULL, 0), 1);     /* its data */
    expect_secret(session, "global/asking", CUT);
}

/* A key that a passphrase would open is there after a login, so until then a search finds none. */
static void a_key_without_its_passphrase_waits_for_it(void **state)
{
    CK_OBJECT_HANDLE private = pair_find(CKO_PRIVATE_KEY, "global/asking");

    (void)state;
    if (!suite.writable)
        skip();
    create_secret(session, "global/asking", RSA_ENCRYPTED);
    assert_rv(p11->C_SignInit(session, &ecdsa, private), CKR_FUNCTION_FAILED);
    assert_int_equal(pair_find(CKO_PRIVATE_KEY, "global/asking"), 0);
}

/* The halves of a pair show one key, as CKA_ID says (4.1.2), from the first use of either on. */
static void both_halves_show_the_new_key_once_one_has(void **state)
{
    CK_OBJECT_HANDLE private = pair_find(CKO_PRIVATE_KEY, "org/acme/tls_p256");
    CK_OBJECT_HANDLE public = pair_find(CKO_PUBLIC_KEY, "org/acme/tls_p256");
    unsigned char signature[132];
    CK_ULONG n = sizeof signature;
    unsigned char text[] = "text";
    char id[20];
    CK_ULONG len;

    (void)state;
    if (!suite.writable)
        skip();
    create_secret(session, "org/acme/tls_p256", P384_SEC1);
    assert_rv(p11->C_SignInit(session, &ecdsa, private), CKR_OK);
    assert_rv(p11->C_Sign(session, text, sizeof text, signature, &n), CKR_OK);
    assert_rv(p11->C_VerifyInit(session, &ecdsa, public), CKR_OK);
    assert_rv(p11->C_Verify(session, text, sizeof text, signature, n), CKR_OK);
    memcpy(id, get_text(session, private, CKA_ID, &len), sizeof id);
    assert_memory_equal(get_text(session, public, CKA_ID, &len), id, sizeof id);
}

static const struct CMUnitTest tests[] = {
    paired(a_key_that_cannot_be_used_is_damaged_and_not_absent),
    paired(a_text_is_damaged_only_where_a_rule_names_it),
    paired(a_damaged_key_hides_no_other_object),
    paired(a_key_without_its_passphrase_waits_for_it),
    paired(both_halves_show_the_new_key_once_one_has),
};

const struct chapter pair_fault_chapter = CHAPTER("pair-fault", tests);
