/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/conformance.h"

#include <stdio.h>
#include <string.h>

/* 5.5 Slot and token management. Slots are the configured tokens, in order, from 1. */

/* 5.5.1: the length alone, the list, CKR_BUFFER_TOO_SMALL with the length. */
static void the_slot_list_comes_in_two_calls(void **state)
{
    CK_SLOT_ID slots[48] = {0};
    CK_ULONG count = 77;
    CK_BBOOL both[] = {CK_FALSE, CK_TRUE};

    (void)state;
    for (size_t i = 0; i < COUNT(both); i++) {
        count = 77;
        assert_rv(p11->C_GetSlotList(both[i], NULL, &count), CKR_OK);
        assert_int_equal(count, 1);
        count = 0;
        assert_rv(p11->C_GetSlotList(both[i], slots, &count), CKR_BUFFER_TOO_SMALL);
        assert_int_equal(count, 1);
        count = COUNT(slots); /* GnuTLS asks once, with room for 48 */
        assert_rv(p11->C_GetSlotList(both[i], slots, &count), CKR_OK);
        assert_int_equal(count, 1);
        assert_int_equal(slots[0], 1);
    }
    assert_rv(p11->C_GetSlotList(CK_TRUE, NULL, NULL), CKR_ARGUMENTS_BAD);
    assert_rv(p11->C_GetSlotList(CK_TRUE, slots, NULL), CKR_ARGUMENTS_BAD);
}

static void initialize_with_tokens(int count)
{
    static char json[8192];
    size_t len = (size_t)snprintf(json, sizeof json, "{\"pkcs11\": {\"tokens\": [");

    for (int i = 1; i <= count; i++)
        len += (size_t)snprintf(json + len, sizeof json - len, "%s{\"label\": \"token %d\"}",
                                i == 1 ? "" : ", ", i);
    snprintf(json + len, sizeof json - len, "]}}");
    write_configuration(json);
    assert_rv(p11->C_Initialize(NULL), CKR_OK);
}

static void each_configured_token_has_its_slot(void **state)
{
    CK_SLOT_ID slots[48];
    CK_ULONG count = COUNT(slots);
    CK_TOKEN_INFO info;
    char serial[3][17] = {{0}};
    char label[40];

    (void)state;
    initialize_with_tokens(3);
    assert_rv(p11->C_GetSlotList(CK_TRUE, slots, &count), CKR_OK);
    assert_int_equal(count, 3);
    for (CK_ULONG i = 0; i < count; i++) {
        assert_int_equal(slots[i], i + 1);
        assert_rv(p11->C_GetTokenInfo(slots[i], &info), CKR_OK);
        snprintf(label, sizeof label, "token %lu", i + 1);
        assert_padded(info.label, sizeof info.label, label);
        memcpy(serial[i], info.serialNumber, 16);
        for (CK_ULONG j = 0; j < i; j++)
            assert_string_not_equal(serial[i], serial[j]);
    }
    assert_rv(p11->C_GetTokenInfo(4, &info), CKR_SLOT_ID_INVALID);
}

/* With more than 48 slots GnuTLS shows none, so the module has at most 48. */
static void there_may_be_48_tokens(void **state)
{
    CK_SLOT_ID slots[48];
    CK_ULONG count = COUNT(slots);

    (void)state;
    initialize_with_tokens(48);
    assert_rv(p11->C_GetSlotList(CK_TRUE, slots, &count), CKR_OK);
    assert_int_equal(count, 48);
    assert_int_equal(slots[47], 48);
}

/* 5.5.2. Only CKF_TOKEN_PRESENT: a slot that says it is hardware or removable is watched. */
static void slot_info_is_of_a_present_software_token(void **state)
{
    CK_SLOT_INFO info;

    (void)state;
    memset(&info, 0xaa, sizeof info);
    assert_rv(p11->C_GetSlotInfo(1, &info), CKR_OK);
    assert_int_equal(info.flags, CKF_TOKEN_PRESENT);
    assert_null(memchr(info.slotDescription, '\0', sizeof info.slotDescription));
    assert_null(memchr(info.manufacturerID, '\0', sizeof info.manufacturerID));
    assert_backend(&info, suite.backend);
    assert_rv(p11->C_GetSlotInfo(1, NULL), CKR_ARGUMENTS_BAD);
}

static void slots_that_are_none_are_refused(void **state)
{
    CK_SLOT_ID bad[] = {0, 2, 49, (CK_SLOT_ID)1 << (sizeof(CK_SLOT_ID) * 8 - 1) | 1,
                        (CK_SLOT_ID)-1};
    CK_SESSION_HANDLE session;
    CK_MECHANISM_INFO mechanism;
    CK_TOKEN_INFO token;
    CK_SLOT_INFO slot;
    CK_ULONG count;

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_rv(p11->C_GetSlotInfo(bad[i], &slot), CKR_SLOT_ID_INVALID);
        assert_rv(p11->C_GetTokenInfo(bad[i], &token), CKR_SLOT_ID_INVALID);
        assert_rv(p11->C_GetMechanismList(bad[i], NULL, &count), CKR_SLOT_ID_INVALID);
        assert_rv(p11->C_GetMechanismInfo(bad[i], CKM_SHA256, &mechanism), CKR_SLOT_ID_INVALID);
        assert_rv(p11->C_CloseAllSessions(bad[i]), CKR_SLOT_ID_INVALID);
        assert_rv(p11->C_OpenSession(bad[i], CKF_SERIAL_SESSION, NULL, NULL, &session),
                  CKR_SLOT_ID_INVALID);
    }
}

/* 5.5.3; the flags are the set that works with every client: no prompt with or
 * without --login, "initialized" for NSS and pkcs11-tool. */
static void token_info_has_the_fields_that_clients_need(void **state)
{
    CK_TOKEN_INFO info;
    CK_FLAGS expected =
        CKF_TOKEN_INITIALIZED | CKF_USER_PIN_INITIALIZED | CKF_PROTECTED_AUTHENTICATION_PATH;
    CK_SESSION_HANDLE session = open_ro();
    unsigned char random[8];

    (void)state;
    if (!suite.writable)
        expected |= CKF_WRITE_PROTECTED;
    if (p11->C_GenerateRandom(session, random, sizeof random) == CKR_OK)
        expected |= CKF_RNG;
    memset(&info, 0xaa, sizeof info);
    assert_rv(p11->C_GetTokenInfo(1, &info), CKR_OK);
    assert_int_equal(info.flags, expected);
    assert_padded(info.label, sizeof info.label, "sideseat");
    assert_padded(info.model, sizeof info.model, "sideseat-pkcs11"); /* for every backend */
    assert_null(memchr(info.manufacturerID, '\0', sizeof info.manufacturerID));
    assert_null(memchr(info.serialNumber, '\0', sizeof info.serialNumber));
    assert_true(info.serialNumber[0] != ' ');
    assert_true(info.ulMinPinLen <= info.ulMaxPinLen);
    assert_int_equal(info.ulTotalPublicMemory, CK_UNAVAILABLE_INFORMATION);
    assert_int_equal(info.ulFreePrivateMemory, CK_UNAVAILABLE_INFORMATION);
    assert_rv(p11->C_GetTokenInfo(1, NULL), CKR_ARGUMENTS_BAD);
}

static void the_serial_number_stays(void **state)
{
    CK_TOKEN_INFO first;
    CK_TOKEN_INFO second;

    (void)state;
    assert_rv(p11->C_GetTokenInfo(1, &first), CKR_OK);
    assert_rv(p11->C_Finalize(NULL), CKR_OK);
    assert_rv(p11->C_Initialize(NULL), CKR_OK);
    assert_rv(p11->C_GetTokenInfo(1, &second), CKR_OK);
    assert_memory_equal(first.serialNumber, second.serialNumber, sizeof first.serialNumber);
    assert_memory_equal(first.label, second.label, sizeof first.label);
}

static void token_info_counts_sessions(void **state)
{
    CK_TOKEN_INFO info;
    CK_SESSION_HANDLE one = open_ro();
    CK_SESSION_HANDLE two = open_ro();
    CK_ULONG writable = 0;

    (void)state;
    if (suite.writable) {
        (void)open_rw();
        writable = 1;
    }
    assert_rv(p11->C_GetTokenInfo(1, &info), CKR_OK);
    assert_int_equal(info.ulSessionCount, 2 + writable);
    assert_int_equal(info.ulRwSessionCount, writable);
    assert_rv(p11->C_CloseSession(one), CKR_OK);
    assert_rv(p11->C_CloseSession(two), CKR_OK);
    assert_rv(p11->C_GetTokenInfo(1, &info), CKR_OK);
    assert_int_equal(info.ulSessionCount, writable);
}

/* 5.5.4: without an event CKR_NO_EVENT; a blocking wait is something we do not offer. */
static void there_is_never_a_slot_event(void **state)
{
    CK_SLOT_ID slot = 77;

    (void)state;
    assert_rv(p11->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, NULL), CKR_NO_EVENT);
    assert_rv(p11->C_WaitForSlotEvent(0, &slot, NULL), CKR_FUNCTION_NOT_SUPPORTED);
    assert_rv(p11->C_WaitForSlotEvent(CKF_DONT_BLOCK, NULL, NULL), CKR_ARGUMENTS_BAD);
    assert_rv(p11->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, &slot), CKR_ARGUMENTS_BAD);
    assert_int_equal(slot, 77);
}

/* 5.5.5 and 5.5.6. No vendor mechanism: p11-kit's remote protocol cannot carry one. */
static void the_mechanisms_are_standard_and_described(void **state)
{
    CK_MECHANISM_TYPE types[64];
    CK_MECHANISM_INFO info;
    CK_ULONG count = 0;
    CK_ULONG none = 0;
    bool sha256 = false;

    (void)state;
    assert_rv(p11->C_GetMechanismList(1, NULL, &count), CKR_OK);
    assert_true(count > 0 && count < COUNT(types));
    assert_rv(p11->C_GetMechanismList(1, types, &none), CKR_BUFFER_TOO_SMALL);
    assert_int_equal(none, count);
    count = COUNT(types);
    assert_rv(p11->C_GetMechanismList(1, types, &count), CKR_OK);
    assert_int_equal(count, none);
    for (CK_ULONG i = 0; i < count; i++) {
        assert_true((types[i] & CKM_VENDOR_DEFINED) == 0);
        assert_rv(p11->C_GetMechanismInfo(1, types[i], &info), CKR_OK);
        assert_true(info.flags != 0 && (info.flags & CKF_HW) == 0);
        assert_true(info.ulMinKeySize <= info.ulMaxKeySize);
        sha256 = sha256 || (types[i] == CKM_SHA256 && info.flags == CKF_DIGEST);
    }
    assert_true(sha256);
    assert_rv(p11->C_GetMechanismInfo(1, CKM_RSA_PKCS, &info), CKR_MECHANISM_INVALID);
    assert_rv(p11->C_GetMechanismInfo(1, CKM_SHA256, NULL), CKR_ARGUMENTS_BAD);
    assert_rv(p11->C_GetMechanismList(1, types, NULL), CKR_ARGUMENTS_BAD);
}

static const struct CMUnitTest tests[] = {
    open_library(the_slot_list_comes_in_two_calls),
    bare(each_configured_token_has_its_slot),
    bare(there_may_be_48_tokens),
    open_library(slot_info_is_of_a_present_software_token),
    open_library(slots_that_are_none_are_refused),
    open_library(token_info_has_the_fields_that_clients_need),
    open_library(the_serial_number_stays),
    open_library(token_info_counts_sessions),
    open_library(there_is_never_a_slot_event),
    open_library(the_mechanisms_are_standard_and_described),
};

const struct chapter slot_chapter = CHAPTER("slot", tests);
