/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/conformance.h"
#include "tests/conformance/place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* The target of the audit (docs/audit.md) that takes no lines: whether calls fail then. */

static int without_target(void **state)
{
    unsetenv("SIDESEAT_PKCS11_AUDIT");
    return without_module(state);
}

/* Here there is no file that can be written. */
static void a_target_that_takes_nothing_fails_no_call(void **state)
{
    CK_SESSION_HANDLE session;

    (void)state;
    assert_rv(p11->C_Finalize(NULL), CKR_OK);
    setenv("SIDESEAT_PKCS11_AUDIT", system_full_file == NULL ? suite.folder : system_full_file, 1);
    assert_rv(p11->C_Initialize(NULL), CKR_OK);
    session = open_ro();
    if (suite.persistent)
        assert_true(find_label(session, seeded[0]) != 0);
}

static void a_required_target_refuses_every_use(void **state)
{
    CK_SESSION_HANDLE session;
    CK_OBJECT_HANDLE object = 0;
    CK_ULONG found;
    char none[300];

    (void)state;
    assert_rv(p11->C_Finalize(NULL), CKR_OK);
    write_configuration("{\"pkcs11\": {\"audit\": {\"required\": true}}}");
    snprintf(none, sizeof none, "%s/none/audit", suite.folder);
    setenv("SIDESEAT_PKCS11_AUDIT", none, 1);
    assert_rv(p11->C_Initialize(NULL), CKR_OK);
    session = suite.writable ? open_rw() : open_ro();
    assert_rv(p11->C_FindObjectsInit(session, NULL, 0), CKR_DEVICE_ERROR);
    if (suite.writable)
        assert_rv(try_create(session, "org/audit/one", "sesame", 6, &object), CKR_DEVICE_ERROR);
    (void)p11->C_FindObjects(session, &object, 1, &found);
}

/* Searches, each of which has a line, until the module knows that the lines are not written. */
static CK_RV search_until_refused(CK_SESSION_HANDLE session)
{
    CK_RV rv = CKR_OK;

    for (int i = 0; rv == CKR_OK && i < 500; i++) {
        rv = p11->C_FindObjectsInit(session, NULL, 0);
        if (rv == CKR_OK)
            assert_rv(p11->C_FindObjectsFinal(session), CKR_OK);
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
    return rv;
}

static void a_required_target_ends_what_is_in_progress(void **state)
{
    static CK_OBJECT_CLASS class = CKO_SECRET_KEY;
    static CK_KEY_TYPE type = CKK_GENERIC_SECRET;
    CK_ATTRIBUTE template[] = {VARIABLE(CKA_CLASS, class), VARIABLE(CKA_KEY_TYPE, type),
                               TEXT(CKA_VALUE, "0123456789abcdef0123456789abcdef")};
    CK_MECHANISM mechanism = {CKM_SHA256_HMAC, NULL, 0};
    unsigned char mac[32];
    CK_ULONG len = sizeof mac;
    char text[300];
    CK_ATTRIBUTE value = {CKA_VALUE, text, sizeof text};
    CK_SESSION_HANDLE session;
    CK_OBJECT_HANDLE object;
    CK_OBJECT_HANDLE key;
    char folder[200];
    char path[220];

    (void)state;
    /* a store process writes the lines of searches, and Windows keeps the folder of an open file */
    if (suite.place->elsewhere || system_full_file == NULL)
        skip();
    assert_rv(p11->C_Finalize(NULL), CKR_OK);
    write_configuration("{\"pkcs11\": {\"audit\": {\"required\": true}}}");
    snprintf(folder, sizeof folder, "%s/audit", suite.folder);
    snprintf(path, sizeof path, "%s/lines", folder);
    assert_int_equal(mkdir(folder, 0700), 0);
    setenv("SIDESEAT_PKCS11_AUDIT", path, 1);
    assert_rv(p11->C_Initialize(NULL), CKR_OK);
    session = open_ro();
    assert_rv(p11->C_CreateObject(session, template, COUNT(template), &key), CKR_OK);
    assert_rv(p11->C_SignInit(session, &mechanism, key), CKR_OK);
    assert_rv(p11->C_SignUpdate(session, mac, 1), CKR_OK);
    object = suite.persistent ? find_label(session, seeded[1]) : 0;
    if (suite.persistent)
        assert_rv(p11->C_GetAttributeValue(session, object, &value, 1), CKR_OK);
    unlink(path);
    assert_int_equal(rmdir(folder), 0);
    assert_rv(search_until_refused(session), CKR_DEVICE_ERROR);
    value.ulValueLen = sizeof text;
    if (suite.persistent)
        assert_rv(p11->C_GetAttributeValue(session, object, &value, 1), CKR_DEVICE_ERROR);
    assert_rv(p11->C_SignFinal(session, mac, &len), CKR_DEVICE_ERROR);
    assert_rv(p11->C_SignFinal(session, mac, &len), CKR_OPERATION_NOT_INITIALIZED);
}

#define aimed(test) cmocka_unit_test_setup_teardown(test, with_secrets, without_target)

static const struct CMUnitTest tests[] = {
    aimed(a_target_that_takes_nothing_fails_no_call),
    aimed(a_required_target_refuses_every_use),
    aimed(a_required_target_ends_what_is_in_progress),
};

const struct chapter audit_target_chapter = CHAPTER("audit-target", tests);
