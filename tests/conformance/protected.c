/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/conformance.h"

#include <string.h>

/*
 * A token that cannot be written to (CKF_WRITE_PROTECTED). 5.6.1 wants CKR_TOKEN_WRITE_PROTECTED
 * from C_OpenSession; opening and refusing each change gives users better messages. Both are
 * right; a change that goes through is not.
 */

static void every_change_is_refused(void **state)
{
    CK_SESSION_HANDLE session = 0;
    CK_RV rv = p11->C_OpenSession(1, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session);
    CK_ATTRIBUTE label = TEXT(CKA_LABEL, "global/copy");
    CK_ATTRIBUTE value = TEXT(CKA_VALUE, "x");
    CK_OBJECT_HANDLE object;
    CK_OBJECT_HANDLE other;

    (void)state;
    if (suite.writable)
        skip();
    if (rv != CKR_OK) {
        assert_rv(rv, CKR_TOKEN_WRITE_PROTECTED);
        return;
    }
    object = find_label(session, seeded[0]);
    assert_rv(try_create(session, "global/new", "x", 1, &other), CKR_TOKEN_WRITE_PROTECTED);
    assert_rv(try_create(session, seeded[0], "x", 1, &other), CKR_TOKEN_WRITE_PROTECTED);
    assert_rv(p11->C_SetAttributeValue(session, object, &value, 1), CKR_TOKEN_WRITE_PROTECTED);
    assert_rv(p11->C_CopyObject(session, object, &label, 1, &other), CKR_TOKEN_WRITE_PROTECTED);
    assert_rv(p11->C_DestroyObject(session, object), CKR_TOKEN_WRITE_PROTECTED);
    expect_secret(session, seeded[0], "value of global/alpha");
    expect_secret(session, "global/new", NULL);
}

static void a_read_only_session_is_told_the_same(void **state)
{
    CK_SESSION_HANDLE session = open_ro();
    CK_OBJECT_HANDLE object = find_label(session, seeded[0]);
    CK_OBJECT_HANDLE other;
    CK_RV rv;

    (void)state;
    if (suite.writable)
        skip();
    rv = try_create(session, "global/new", "x", 1, &other);
    assert_true(rv == CKR_TOKEN_WRITE_PROTECTED || rv == CKR_SESSION_READ_ONLY);
    rv = p11->C_DestroyObject(session, object);
    assert_true(rv == CKR_TOKEN_WRITE_PROTECTED || rv == CKR_SESSION_READ_ONLY);
    expect_secret(session, seeded[0], "value of global/alpha");
}

static const struct CMUnitTest tests[] = {
    with_seed(every_change_is_refused),
    with_seed(a_read_only_session_is_told_the_same),
};

const struct chapter protected_chapter = CHAPTER("protected", tests);
