/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/conformance.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

/* Many threads at once on one library: a healthy store answers each call, and C_Finalize ends. */

#define CROWD 64

static atomic_bool stop;

/* Calls without a pause, and ignores the answers. */
static void *call_in(void *arg)
{
    CK_SESSION_HANDLE session;
    CK_INFO info;

    (void)arg;
    while (!stop) {
        (void)p11->C_GetInfo(&info);
        if (p11->C_OpenSession(1, CKF_SERIAL_SESSION, NULL, NULL, &session) == CKR_OK)
            (void)p11->C_CloseSession(session);
    }
    return NULL;
}

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The limit is generous: with a count that late calls also took part in, this took minutes. */
#define ROUNDS 5
#define LIMIT_S 30

static void finalize_ends_while_a_crowd_calls_in(void **state)
{
    pthread_t threads[CROWD];
    double start;

    (void)state;
    stop = false;
    for (int i = 0; i < CROWD; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, call_in, NULL), 0);
    start = seconds();
    for (int i = 0; i < ROUNDS; i++) {
        CK_INFO info;
        assert_rv(p11->C_Finalize(NULL), CKR_OK);
        assert_rv(p11->C_GetInfo(&info), CKR_CRYPTOKI_NOT_INITIALIZED);
        assert_rv(p11->C_Initialize(NULL), CKR_OK);
    }
    assert_true(seconds() - start < LIMIT_S);
    stop = true;
    for (int i = 0; i < CROWD; i++)
        pthread_join(threads[i], NULL);
}

/*
 * Threads that create, find, read, change, copy, sign with and destroy the same two secrets. A call
 * may find its object gone, but may not fail otherwise, since the store is healthy.
 */
#define WORKERS 8
#define TURNS ROUNDS_OF(400)
#define VALUE_LEN 64 /* the hexadecimal key that the default settings make of these two */

static const char *const contended[] = {"global/jwt_signing_key", "global/api_key_secret"};

static _Atomic CK_RV unexpected;
static atomic_int unexpected_line;

static void tolerate_at(CK_RV rv, CK_RV gone, int line)
{
    int none = 0;

    if (rv != CKR_OK && rv != gone && atomic_compare_exchange_strong(&unexpected_line, &none, line))
        unexpected = rv;
}
#define tolerate(call) tolerate_at((call), CKR_OBJECT_HANDLE_INVALID, __LINE__)
#define tolerate_or(call, rv) tolerate_at((call), (rv), __LINE__)

/* The first object of that class and label, 0 if there is none. */
static CK_OBJECT_HANDLE look_up(CK_SESSION_HANDLE session, CK_OBJECT_CLASS class, const char *label,
                                const char *value)
{
    CK_ATTRIBUTE template[] = {
        VARIABLE(CKA_CLASS, class), STRING(CKA_LABEL, label), {CKA_VALUE, NULL, VALUE_LEN}};
    CK_OBJECT_HANDLE object = 0;
    CK_ULONG n = 0;

    template[2].pValue = (void *)(uintptr_t)value;
    tolerate_or(p11->C_FindObjectsInit(session, template, value == NULL ? 2 : 3), CKR_OK);
    tolerate_or(p11->C_FindObjects(session, &object, 1, &n), CKR_OK);
    tolerate_or(p11->C_FindObjectsFinal(session), CKR_OK);
    return n == 0 ? 0 : object;
}

/* A value that has been read is one that was written: one digit, again and again. */
static void read_whole(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, bool measure)
{
    char value[VALUE_LEN];
    CK_ATTRIBUTE asked = {CKA_VALUE, NULL, 0};
    CK_RV rv = measure ? p11->C_GetAttributeValue(session, object, &asked, 1) : CKR_OK;

    tolerate(rv);
    if (rv != CKR_OK)
        return;
    asked = (CK_ATTRIBUTE)VARIABLE(CKA_VALUE, value);
    rv = p11->C_GetAttributeValue(session, object, &asked, 1);
    tolerate(rv);
    for (size_t i = 0; rv == CKR_OK && i < VALUE_LEN; i++)
        if (asked.ulValueLen != VALUE_LEN || value[i] != value[0])
            tolerate(CKR_DATA_INVALID);
}

static void sign_with(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key)
{
    CK_MECHANISM hmac = {CKM_SHA256_HMAC, NULL, 0};
    unsigned char mac[32] = {0};
    CK_ULONG n = sizeof mac;
    CK_RV rv = p11->C_SignInit(session, &hmac, key);

    tolerate_or(rv, CKR_KEY_HANDLE_INVALID);
    if (rv == CKR_OK) /* the end of the key ends its signature */
        tolerate_or(p11->C_Sign(session, mac, 1, mac, &n), CKR_OPERATION_NOT_INITIALIZED);
}

static void *contend(void *arg)
{
    int number = *(int *)arg;
    CK_SESSION_HANDLE session = 0;

    tolerate_or(p11->C_OpenSession(1, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session),
                CKR_OK);
    for (int turn = 0; turn < TURNS && unexpected_line == 0; turn++) {
        const char *label = contended[(turn / 3 + number) % 2];
        const char *other = contended[(turn / 3 + number + 1) % 2];
        char value[VALUE_LEN];
        CK_ATTRIBUTE given = VARIABLE(CKA_VALUE, value);
        CK_ATTRIBUTE copy = STRING(CKA_LABEL, other);
        CK_OBJECT_HANDLE object;
        CK_OBJECT_HANDLE key;

        memset(value, "0123456789abcdef"[(turn + number) % 16], sizeof value);
        tolerate_or(try_create(session, label, value, sizeof value, &object), CKR_OK);
        read_whole(session, object, turn % 2 == 0);
        if ((key = look_up(session, CKO_SECRET_KEY, label, NULL)) != 0)
            sign_with(session, key);
        if ((object = look_up(session, CKO_DATA, label, NULL)) != 0)
            tolerate(p11->C_SetAttributeValue(session, object, &given, 1));
        (void)look_up(session, CKO_DATA, label, value);
        if ((object = look_up(session, CKO_DATA, other, NULL)) != 0) {
            read_whole(session, object, turn % 2 == 1);
            if (turn % 3 == 0)
                tolerate(p11->C_DestroyObject(session, object));
        }
        if (turn % 5 == 0 && (object = look_up(session, CKO_DATA, label, NULL)) != 0) {
            CK_RV rv = p11->C_CopyObject(session, object, &copy, 1, &key);
            if (rv != CKR_SIDESEAT_CONFLICT) /* there is one already */
                tolerate(rv);
        }
        if (turn % 7 == 0)
            (void)find(session, NULL, 0, NULL, 0);
    }
    tolerate_or(p11->C_CloseSession(session), CKR_OK);
    return NULL;
}

static void a_healthy_store_never_fails_under_contention(void **state)
{
    pthread_t threads[WORKERS];
    int numbers[WORKERS];

    (void)state;
    if (!suite.writable)
        skip();
    unexpected_line = 0;
    for (int i = 0; i < WORKERS; i++) {
        numbers[i] = i;
        assert_int_equal(pthread_create(&threads[i], NULL, contend, &numbers[i]), 0);
    }
    for (int i = 0; i < WORKERS; i++)
        pthread_join(threads[i], NULL);
    if (unexpected_line != 0)
        fail_msg("line %d: %s", unexpected_line, rv_name(unexpected));
}

static const struct CMUnitTest tests[] = {
    open_library(finalize_ends_while_a_crowd_calls_in),
    open_library(a_healthy_store_never_fails_under_contention),
};

const struct chapter contention_chapter = CHAPTER("contention", tests);
