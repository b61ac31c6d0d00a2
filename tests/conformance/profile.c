/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/conformance.h"

#include <string.h>

/*
 * PKCS #11 Profiles 3.0, 3.1 Baseline Provider: "the ability to provide information about the
 * capabilities of the cryptographic services provided". The conditions by their numbers there, and
 * the test case BL-M-1 as its steps.
 */

static CK_OBJECT_CLASS class_profile = CKO_PROFILE;
static CK_ULONG baseline = CKP_BASELINE_PROVIDER;

static CK_OBJECT_HANDLE find_profile(CK_SESSION_HANDLE session)
{
    CK_ATTRIBUTE template[] = {VARIABLE(CKA_CLASS, class_profile)};
    CK_OBJECT_HANDLE profile = 0;

    assert_int_equal(find(session, template, 1, &profile, 1), 1);
    return profile;
}

/* BL-M-1: initialize, ask for the library, the slots and the token, open a session, find the
 * profile and read its id, close and finalize. */
static void the_mandatory_test_case_passes(void **state)
{
    CK_ATTRIBUTE template[] = {VARIABLE(CKA_CLASS, class_profile)};
    CK_C_INITIALIZE_ARGS arguments = {.flags = CKF_OS_LOCKING_OK};
    CK_ULONG id = 0;
    CK_ATTRIBUTE asked = VARIABLE(CKA_PROFILE_ID, id);
    CK_SESSION_HANDLE session;
    CK_OBJECT_HANDLE found[2];
    CK_SESSION_INFO session_info;
    CK_TOKEN_INFO token;
    CK_SLOT_INFO slot;
    CK_SLOT_ID slots[48];
    CK_ULONG count = 0;
    CK_INFO info;

    (void)state;
    assert_rv(p11->C_Initialize(&arguments), CKR_OK);
    assert_rv(p11->C_GetInfo(&info), CKR_OK);
    assert_int_equal(info.cryptokiVersion.major, 3);
    assert_int_equal(info.flags, 0);
    assert_rv(p11->C_GetSlotList(CK_TRUE, NULL, &count), CKR_OK);
    assert_true(count >= 1 && count <= COUNT(slots));
    assert_rv(p11->C_GetSlotList(CK_TRUE, slots, &count), CKR_OK);
    assert_rv(p11->C_GetSlotInfo(slots[0], &slot), CKR_OK);
    assert_true((slot.flags & CKF_TOKEN_PRESENT) != 0);
    assert_rv(p11->C_GetTokenInfo(slots[0], &token), CKR_OK);
    assert_true((token.flags & CKF_TOKEN_INITIALIZED) != 0);
    assert_rv(p11->C_OpenSession(slots[0], CKF_SERIAL_SESSION, NULL, NULL, &session), CKR_OK);
    assert_rv(p11->C_GetSessionInfo(session, &session_info), CKR_OK);
    assert_rv(p11->C_FindObjectsInit(session, template, 1), CKR_OK);
    assert_rv(p11->C_FindObjects(session, found, 2, &count), CKR_OK);
    assert_int_equal(count, 1);
    assert_rv(p11->C_FindObjects(session, found + 1, 1, &count), CKR_OK);
    assert_int_equal(count, 0);
    assert_rv(p11->C_FindObjectsFinal(session), CKR_OK);
    assert_rv(p11->C_GetAttributeValue(session, found[0], &asked, 1), CKR_OK);
    assert_int_equal(id, CKP_BASELINE_PROVIDER);
    assert_rv(p11->C_CloseSession(session), CKR_OK);
    assert_rv(p11->C_Finalize(NULL), CKR_OK);
}

/* Condition 3: "Supports the following attributes", each on an object that has it. */
static void the_attributes_are_there(void **state)
{
    CK_SESSION_HANDLE session = open_ro();
    CK_OBJECT_HANDLE profile = find_profile(session);
    CK_OBJECT_HANDLE secret = find_label(session, seeded[0]);
    CK_OBJECT_CLASS class = 0;
    CK_ATTRIBUTE asked = VARIABLE(CKA_CLASS, class);
    CK_ULONG len = 0;

    (void)state;
    assert_rv(p11->C_GetAttributeValue(session, profile, &asked, 1), CKR_OK);
    assert_int_equal(class, CKO_PROFILE);
    assert_int_equal(get_bool(session, profile, CKA_TOKEN), CK_TRUE);
    assert_int_equal(get_bool(session, profile, CKA_PRIVATE), CK_FALSE);
    assert_int_equal(get_bool(session, profile, CKA_MODIFIABLE), CK_FALSE);
    assert_int_equal(get_bool(session, profile, CKA_COPYABLE), CK_FALSE);
    assert_int_equal(get_bool(session, profile, CKA_DESTROYABLE), CK_FALSE);
    assert_string_equal(get_text(session, profile, CKA_LABEL, NULL), "Baseline Provider");
    (void)get_text(session, profile, CKA_UNIQUE_ID, &len);
    assert_true(len > 0);
    assert_string_equal(get_text(session, secret, CKA_VALUE, NULL), "value of global/alpha");
    asked.type = CKA_VALUE;
    assert_rv(p11->C_GetAttributeValue(session, profile, &asked, 1), CKR_ATTRIBUTE_TYPE_INVALID);
    assert_rv(p11->C_GetObjectSize(session, profile, &len), CKR_OK);
}

/* Condition 4: "CKO_PROFILE with value CKP_BASELINE_PROVIDER". A search finds it by its class or
 * its id, but not among secrets: a client that lists everything reads their values. */
static void it_is_found_only_by_its_class_or_id(void **state)
{
    CK_ULONG extended = 2;
    CK_SESSION_HANDLE session = open_ro();
    CK_OBJECT_HANDLE profile = find_profile(session);
    CK_OBJECT_HANDLE other = find_profile(open_ro());
    const struct {
        CK_ATTRIBUTE template[3];
        CK_ULONG count;
        CK_ULONG found;
    } cases[] = {
        {{VARIABLE(CKA_PROFILE_ID, baseline)}, 1, 1},
        {{VARIABLE(CKA_PROFILE_ID, extended)}, 1, 0},
        {{VARIABLE(CKA_CLASS, class_profile), VARIABLE(CKA_PROFILE_ID, baseline)}, 2, 1},
        {{VARIABLE(CKA_CLASS, class_profile), VARIABLE(CKA_PROFILE_ID, extended)}, 2, 0},
        {{VARIABLE(CKA_CLASS, class_profile), VARIABLE(CKA_TOKEN, yes)}, 2, 1},
        {{VARIABLE(CKA_CLASS, class_profile), VARIABLE(CKA_TOKEN, no)}, 2, 0},
        {{VARIABLE(CKA_CLASS, class_profile), VARIABLE(CKA_PRIVATE, no)}, 2, 1},
        {{VARIABLE(CKA_CLASS, class_profile), VARIABLE(CKA_PRIVATE, yes)}, 2, 0},
        {{VARIABLE(CKA_CLASS, class_profile), TEXT(CKA_LABEL, "Baseline Provider")}, 2, 1},
        {{VARIABLE(CKA_CLASS, class_profile), TEXT(CKA_LABEL, "global/alpha")}, 2, 0},
        {{VARIABLE(CKA_CLASS, class_profile), TEXT(CKA_UNIQUE_ID, "data:global/alpha")}, 2, 0},
        {{VARIABLE(CKA_CLASS, class_data), VARIABLE(CKA_PROFILE_ID, baseline)}, 2, 0},
        {{VARIABLE(CKA_TOKEN, yes)}, 1, SEEDED},
        {{{0, NULL, 0}}, 0, SEEDED},
    };

    (void)state;
    assert_int_equal(profile, other);
    for (size_t i = 0; i < COUNT(cases); i++)
        if (find(session, (CK_ATTRIBUTE *)(uintptr_t)cases[i].template, cases[i].count, NULL, 0) !=
            cases[i].found)
            fail_msg("case %zu", i);
}

/* Public, so it stays after a logout, and it cannot be changed. */
static void it_is_public_and_fixed(void **state)
{
    CK_SESSION_HANDLE session = suite.writable ? open_rw() : open_ro();
    CK_OBJECT_HANDLE profile = find_profile(session);
    CK_ATTRIBUTE label = TEXT(CKA_LABEL, "x");
    CK_ATTRIBUTE id = VARIABLE(CKA_PROFILE_ID, baseline);
    CK_OBJECT_HANDLE copy;

    (void)state;
    assert_rv(p11->C_SetAttributeValue(session, profile, &label, 1), CKR_ACTION_PROHIBITED);
    assert_rv(p11->C_CopyObject(session, profile, &label, 1, &copy), CKR_ACTION_PROHIBITED);
    assert_rv(p11->C_DestroyObject(session, profile), CKR_ACTION_PROHIBITED);
    assert_rv(p11->C_Logout(session), CKR_OK);
    assert_int_equal(find_profile(session), profile);
    assert_rv(p11->C_GetAttributeValue(session, profile, &id, 1), CKR_OK);
}

static const struct CMUnitTest tests[] = {
    bare(the_mandatory_test_case_passes),
    with_seed(the_attributes_are_there),
    with_seed(it_is_found_only_by_its_class_or_id),
    with_seed(it_is_public_and_fixed),
};

const struct chapter profile_chapter = CHAPTER("profile", tests);
