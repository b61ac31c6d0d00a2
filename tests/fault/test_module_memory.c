/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/fault/short_memory.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "module/cryptoki.h"
#include "store/log.h"
#include "store/secret.h"

/*
 * Memory runs out at the first allocation of a client's calls, at the second, and so on: each call
 * reports that or succeeds, never gives a wrong value, leaks nothing (the sanitizers check that),
 * and afterwards everything works again.
 */

#define TEXT(type, text)                                                                           \
    {                                                                                              \
        (type), (void *)(uintptr_t)("" text), sizeof(text) - 1                                     \
    }
#define VARIABLE(type, variable)                                                                   \
    {                                                                                              \
        (type), &(variable), sizeof(variable)                                                      \
    }
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static CK_BBOOL yes = CK_TRUE;
static CK_OBJECT_CLASS data_class = CKO_DATA;
static CK_OBJECT_CLASS key_class = CKO_SECRET_KEY;
static CK_OBJECT_CLASS status_class = CKO_SIDESEAT_STATUS;
static CK_SESSION_HANDLE session;
static bool failed; /* some call has said that memory was short */

/* True if the call succeeded; a failure must be for lack of memory. */
static bool good(CK_RV rv)
{
    if (rv == CKR_OK)
        return true;
    /* the last: libcrypto could not be loaded, and says no more */
    assert_true(rv == CKR_HOST_MEMORY || rv == CKR_SESSION_COUNT || rv == CKR_FUNCTION_FAILED);
    failed = true;
    return false;
}

static CK_OBJECT_HANDLE find_one(CK_ATTRIBUTE *template, CK_ULONG count)
{
    CK_OBJECT_HANDLE found = 0;
    CK_ULONG n = 0;

    if (!good(C_FindObjectsInit(session, template, count)))
        return 0;
    assert_int_equal(C_FindObjects(session, &found, 1, &n), CKR_OK);
    assert_int_equal(C_FindObjectsFinal(session), CKR_OK);
    return n == 0 ? 0 : found;
}

static void assert_value(CK_OBJECT_HANDLE object, const char *value)
{
    char buffer[64];
    CK_ATTRIBUTE attribute = {CKA_VALUE, NULL, 0};

    if (!good(C_GetAttributeValue(session, object, &attribute, 1)))
        return;
    assert_int_equal(attribute.ulValueLen, strlen(value));
    attribute = (CK_ATTRIBUTE){CKA_VALUE, buffer, sizeof buffer};
    if (!good(C_GetAttributeValue(session, object, &attribute, 1)))
        return;
    assert_int_equal(attribute.ulValueLen, strlen(value));
    assert_memory_equal(buffer, value, strlen(value));
}

static void use_secret(void)
{
    CK_ATTRIBUTE create[] = {VARIABLE(CKA_CLASS, data_class), VARIABLE(CKA_TOKEN, yes),
                             TEXT(CKA_LABEL, "org/acme/key"), TEXT(CKA_VALUE, "value")};
    CK_ATTRIBUTE by_value[] = {VARIABLE(CKA_CLASS, data_class), TEXT(CKA_VALUE, "value")};
    CK_ATTRIBUTE copy[] = {TEXT(CKA_LABEL, "org/acme/copy")};
    CK_OBJECT_HANDLE object = 0;
    CK_OBJECT_HANDLE other = 0;

    if (!good(C_CreateObject(session, create, COUNT(create), &object)))
        return;
    assert_value(object, "value");
    if (!failed)
        assert_true(find_one(create, 3) == object || failed);
    if (!failed)
        assert_true(find_one(by_value, COUNT(by_value)) == object || failed);
    if (good(C_CopyObject(session, object, copy, COUNT(copy), &other))) {
        assert_value(other, "value");
        (void)good(C_DestroyObject(session, other));
    }
    if (good(C_SetAttributeValue(session, object, &(CK_ATTRIBUTE)TEXT(CKA_VALUE, "more"), 1)))
        assert_value(object, "more");
    (void)good(C_DestroyObject(session, object));
}

static void use_key(void)
{
    CK_MECHANISM make = {CKM_GENERIC_SECRET_KEY_GEN, NULL, 0};
    CK_MECHANISM hmac = {CKM_SHA256_HMAC, NULL, 0};
    CK_ULONG len = 32;
    CK_ATTRIBUTE template[] = {VARIABLE(CKA_TOKEN, yes), TEXT(CKA_LABEL, "global/made"),
                               VARIABLE(CKA_VALUE_LEN, len)};
    CK_ATTRIBUTE search[] = {VARIABLE(CKA_CLASS, key_class)};
    CK_BYTE mac[32];
    CK_OBJECT_HANDLE key = 0;

    if (!good(C_GenerateKey(session, &make, template, COUNT(template), &key)))
        return;
    if (!good(C_SignInit(session, &hmac, key)))
        return;
    (void)good(C_Sign(session, mac, 8, mac, &len));
    if (!failed)
        assert_true(find_one(search, 1) == key || failed);
}

static void use_session_objects(void)
{
    CK_ATTRIBUTE create[] = {VARIABLE(CKA_CLASS, data_class), TEXT(CKA_LABEL, "mine"),
                             TEXT(CKA_VALUE, "value")};
    CK_ATTRIBUTE status[] = {VARIABLE(CKA_CLASS, status_class)};
    CK_ATTRIBUTE text = {CKA_SIDESEAT_STATUS, NULL, 0};
    CK_OBJECT_HANDLE object = 0;
    CK_OBJECT_HANDLE copy = 0;

    if (good(C_CreateObject(session, create, COUNT(create), &object)))
        assert_value(object, "value");
    if (object != 0 && good(C_CopyObject(session, object, NULL, 0, &copy)))
        assert_value(copy, "value");
    object = find_one(status, COUNT(status));
    if (object != 0)
        (void)good(C_GetAttributeValue(session, object, &text, 1));
}

static void use_all(void)
{
    char arguments[] = "backend=memory";
    CK_C_INITIALIZE_ARGS args = {.flags = CKF_OS_LOCKING_OK, .pReserved = arguments};

    if (!good(C_Initialize(&args)))
        return;
    if (good(C_OpenSession(1, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session))) {
        use_secret();
        use_key();
        use_session_objects();
    }
    assert_int_equal(C_Finalize(NULL), CKR_OK);
}

static void drop_line(void *arg, enum store_log_level level, const char *text)
{
    (void)arg;
    (void)level;
    (void)text;
}

static void every_call_runs_out_of_memory(void **state)
{
    unsigned long n = 0;
    bool reached = true;

    (void)state;
    setenv("HOME", "/nonexistent", 1);
    unsetenv("SIDESEAT_CONFIG");
    store_log_redirect(drop_line, NULL);
    while (reached) {
        short_memory_at = ++n;
        failed = false;
        use_all();
        reached = short_memory_at == 0;
        short_memory_at = 0;
        assert_true(n < 10000);
    }
    assert_false(failed);
    assert_true(n > 20);
    store_log_redirect(NULL, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_call_runs_out_of_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
