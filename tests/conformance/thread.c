/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/conformance.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

/* 5.4.1 and 6.5.2 of 2.40: threads, each with sessions of its own, at the same time. */

#define THREADS 8

static _Atomic bool stop;
static _Atomic int failures;
static _Atomic CK_RV first_failure;
static _Atomic int first_line;

static void check_at(bool holds, CK_RV rv, int line)
{
    int none = 0;

    if (holds)
        return;
    failures++;
    if (atomic_compare_exchange_strong(&first_line, &none, line))
        first_failure = rv;
}

static void check_ok(CK_RV rv, int line)
{
    check_at(rv == CKR_OK, rv, line);
}
#define check(call) check_ok((call), __LINE__)

static void run(void *(*work)(void *), int numbers[THREADS], pthread_t threads[THREADS])
{
    stop = false;
    failures = 0;
    first_line = 0;
    for (int i = 0; i < THREADS; i++) {
        numbers[i] = i;
        assert_int_equal(pthread_create(&threads[i], NULL, work, &numbers[i]), 0);
    }
}

static void join(pthread_t threads[THREADS])
{
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    if (failures > 0)
        fail_msg("%d failures, the first in line %d: %s", failures, first_line,
                 rv_name(first_failure));
}

/* The handle of the secret with this label, 0 if there is none, or any error. */
static CK_RV look_up(CK_SESSION_HANDLE session, const char *label, CK_OBJECT_HANDLE *object)
{
    CK_ATTRIBUTE template[] = {VARIABLE(CKA_CLASS, class_data), STRING(CKA_LABEL, label)};
    CK_ULONG n = 0;
    CK_RV rv = p11->C_FindObjectsInit(session, template, 2);

    *object = 0;
    if (rv != CKR_OK)
        return rv;
    rv = p11->C_FindObjects(session, object, 1, &n);
    if (rv == CKR_OK && n == 0)
        *object = 0;
    return rv != CKR_OK ? rv : p11->C_FindObjectsFinal(session);
}

/* Makes, finds, reads, changes and destroys a secret of its own. */
static void one_round(CK_SESSION_HANDLE session, int thread, int round)
{
    char label[64];
    char value[64];
    char back[64];
    CK_ATTRIBUTE attribute = {CKA_VALUE, back, sizeof back};
    CK_OBJECT_HANDLE created;
    CK_OBJECT_HANDLE found;

    snprintf(label, sizeof label, "org/thread_%d/secret_%d", thread, round % 3);
    snprintf(value, sizeof value, "thread %d, round %d", thread, round);
    check(try_create(session, label, value, strlen(value), &created));
    check(look_up(session, label, &found));
    check_at(found == created, 0, __LINE__);
    check(p11->C_GetAttributeValue(session, found, &attribute, 1));
    check_at(attribute.ulValueLen == strlen(value) && memcmp(back, value, strlen(value)) == 0, 0,
             __LINE__);
    attribute = (CK_ATTRIBUTE){CKA_VALUE, value, 6};
    check(p11->C_SetAttributeValue(session, found, &attribute, 1));
    if (round % 2 == 0)
        check(p11->C_DestroyObject(session, found));
}

static void *work_alone(void *arg)
{
    int thread = *(int *)arg;
    CK_SESSION_HANDLE session;

    for (int round = 0; round < 20; round++) {
        CK_RV rv = p11->C_OpenSession(1, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session);
        check(rv);
        if (rv != CKR_OK)
            continue;
        one_round(session, thread, round);
        check(p11->C_CloseSession(session));
    }
    return NULL;
}

static void threads_with_their_own_sessions_do_not_meet(void **state)
{
    pthread_t threads[THREADS];
    int numbers[THREADS];

    (void)state;
    if (!suite.writable)
        skip();
    run(work_alone, numbers, threads);
    join(threads);
}

static void *read_seeded(void *arg)
{
    const char *label = seeded[*(int *)arg % SEEDED];
    CK_SESSION_HANDLE session;
    char value[64];
    char back[64];

    snprintf(value, sizeof value, "value of %s", label);
    for (int round = 0; round < ROUNDS_OF(200); round++) {
        CK_ATTRIBUTE attribute = {CKA_VALUE, back, sizeof back};
        CK_OBJECT_HANDLE object;
        check(p11->C_OpenSession(1, CKF_SERIAL_SESSION, NULL, NULL, &session));
        check(look_up(session, label, &object));
        check(p11->C_GetAttributeValue(session, object, &attribute, 1));
        check_at(attribute.ulValueLen == strlen(value) && memcmp(back, value, strlen(value)) == 0,
                 0, __LINE__);
        check(p11->C_CloseSession(session));
    }
    return NULL;
}

static void threads_read_the_same_secrets(void **state)
{
    pthread_t threads[THREADS];
    int numbers[THREADS];

    (void)state;
    run(read_seeded, numbers, threads);
    join(threads);
}

/* The read of a sized value drops it, while other threads are about to use it: they must not miss
 * it. */
static void *measure_and_read(void *arg)
{
    const char *label = seeded[0];
    CK_SESSION_HANDLE session = 0;
    char value[64];
    char back[64];

    snprintf(value, sizeof value, "value of %s", label);
    check(p11->C_OpenSession(1, CKF_SERIAL_SESSION, NULL, NULL, &session));
    for (int round = 0; round < ROUNDS_OF(20000); round++) {
        CK_ATTRIBUTE attribute = {CKA_VALUE, NULL, 0};
        CK_ATTRIBUTE search[] = {STRING(CKA_LABEL, label), STRING(CKA_VALUE, value)};
        CK_OBJECT_HANDLE object;
        CK_ULONG n = 0;

        check(look_up(session, label, &object));
        if (*(int *)arg % 2 == 0)
            check(p11->C_GetAttributeValue(session, object, &attribute, 1));
        attribute = (CK_ATTRIBUTE){CKA_VALUE, back, sizeof back};
        check(p11->C_GetAttributeValue(session, object, &attribute, 1));
        check_at(attribute.ulValueLen == strlen(value) && memcmp(back, value, strlen(value)) == 0,
                 0, __LINE__);
        check(p11->C_FindObjectsInit(session, search, 2));
        check(p11->C_FindObjects(session, &object, 1, &n));
        check(p11->C_FindObjectsFinal(session));
        check_at(n == 1, 0, __LINE__);
    }
    check(p11->C_CloseSession(session));
    return NULL;
}

static void a_read_that_ends_takes_nothing_from_another(void **state)
{
    pthread_t threads[THREADS];
    int numbers[THREADS];

    (void)state;
    run(measure_and_read, numbers, threads);
    join(threads);
}

static _Atomic CK_SESSION_HANDLE doomed; /* is closed while others work in it */

static void *create_in_doomed_sessions(void *arg)
{
    CK_ATTRIBUTE template[] = {VARIABLE(CKA_CLASS, class_data), TEXT(CKA_LABEL, "orphan"),
                               TEXT(CKA_VALUE, "y")};
    CK_SESSION_HANDLE fresh = 0;
    CK_OBJECT_HANDLE object;

    for (int round = 0; round < ROUNDS_OF(3000); round++) {
        if (*(int *)arg % 2 == 0) {
            (void)p11->C_CreateObject(doomed, template, COUNT(template), &object);
            continue;
        }
        check(p11->C_OpenSession(1, CKF_SERIAL_SESSION, NULL, NULL, &fresh));
        fresh = atomic_exchange(&doomed, fresh);
        (void)p11->C_CloseSession(fresh);
    }
    return NULL;
}

/* 5.6.2: "all session objects created by the session are destroyed". */
static void a_closed_session_leaves_no_object_behind(void **state)
{
    CK_ATTRIBUTE orphans[] = {VARIABLE(CKA_TOKEN, no), TEXT(CKA_LABEL, "orphan")};
    CK_SESSION_HANDLE session = open_ro();
    pthread_t threads[THREADS];
    int numbers[THREADS];

    (void)state;
    doomed = open_ro();
    run(create_in_doomed_sessions, numbers, threads);
    join(threads);
    assert_rv(p11->C_CloseSession(doomed), CKR_OK);
    assert_int_equal(find(session, orphans, COUNT(orphans), NULL, 0), 0);
}

/* The valid results of calls while another thread ends the session, the object or the library. */
static bool expected_in_a_race(CK_RV rv)
{
    return rv == CKR_OK || rv == CKR_SESSION_HANDLE_INVALID || rv == CKR_OBJECT_HANDLE_INVALID ||
           rv == CKR_CRYPTOKI_NOT_INITIALIZED || rv == CKR_OPERATION_ACTIVE ||
           rv == CKR_OPERATION_NOT_INITIALIZED || rv == CKR_SESSION_CLOSED ||
           rv == CKR_CRYPTOKI_ALREADY_INITIALIZED;
}
#define tolerate(call)                                                                             \
    do {                                                                                           \
        CK_RV rv_ = (call);                                                                        \
        check_at(expected_in_a_race(rv_), rv_, __LINE__);                                          \
    } while (0)

static _Atomic CK_SESSION_HANDLE common; /* all threads use it, and close it now and then */

static void *use_the_common_session(void *arg)
{
    int thread = *(int *)arg;
    CK_MECHANISM sha256 = {CKM_SHA256, NULL, 0};
    CK_SESSION_HANDLE fresh;

    for (int round = 0; round < ROUNDS_OF(300); round++) {
        CK_SESSION_HANDLE session = common;
        unsigned char digest[64];
        CK_ATTRIBUTE attribute = {CKA_VALUE, digest, sizeof digest};
        CK_OBJECT_HANDLE object = 0;
        CK_ULONG n = sizeof digest;

        tolerate(look_up(session, seeded[round % SEEDED], &object));
        tolerate(p11->C_GetAttributeValue(session, object, &attribute, 1));
        tolerate(p11->C_DigestInit(session, &sha256));
        tolerate(p11->C_DigestUpdate(session, digest, 8));
        tolerate(p11->C_DigestFinal(session, digest, &n));
        if ((round + thread) % 16 != 0)
            continue;
        if (p11->C_OpenSession(1, CKF_SERIAL_SESSION, NULL, NULL, &fresh) == CKR_OK)
            common = fresh;
        tolerate(thread == 0 && round % 64 == 0 ? p11->C_CloseAllSessions(1)
                                                : p11->C_CloseSession(session));
    }
    return NULL;
}

static void closing_a_session_under_others_is_an_error_not_a_crash(void **state)
{
    pthread_t threads[THREADS];
    int numbers[THREADS];

    (void)state;
    common = open_ro();
    run(use_the_common_session, numbers, threads);
    join(threads);
}

static void *work_until_stopped(void *arg)
{
    int thread = *(int *)arg;

    for (int round = 0; !stop; round++) {
        char back[64];
        CK_ATTRIBUTE attribute = {CKA_VALUE, back, sizeof back};
        CK_SESSION_HANDLE session = 0;
        CK_OBJECT_HANDLE object = 0;
        CK_FLAGS flags = suite.writable ? CKF_RW_SESSION : 0;

        tolerate(p11->C_OpenSession(1, CKF_SERIAL_SESSION | flags, NULL, NULL, &session));
        tolerate(look_up(session, seeded[round % SEEDED], &object));
        tolerate(p11->C_GetAttributeValue(session, object, &attribute, 1));
        if (suite.writable && round % 8 == thread)
            tolerate(try_create(session, "global/race", "x", 1, &object));
        tolerate(p11->C_CloseSession(session));
    }
    return NULL;
}

/* 5.4.2 leaves it undefined to finalize under other threads; here it is an orderly end. */
static void finalizing_under_others_is_an_error_not_a_crash(void **state)
{
    pthread_t threads[THREADS];
    int numbers[THREADS];
    CK_SESSION_HANDLE session;

    (void)state;
    run(work_until_stopped, numbers, threads);
    for (int i = 0; i < 50; i++) {
        session = open_ro();
        (void)find(session, NULL, 0, NULL, 0);
        assert_rv(p11->C_Finalize(NULL), CKR_OK);
        assert_rv(p11->C_Initialize(NULL), CKR_OK);
    }
    stop = true;
    join(threads);
}

static const struct CMUnitTest tests[] = {
    open_library(threads_with_their_own_sessions_do_not_meet),
    with_seed(threads_read_the_same_secrets),
    with_seed(a_read_that_ends_takes_nothing_from_another),
    with_seed(a_closed_session_leaves_no_object_behind),
    with_seed(closing_a_session_under_others_is_an_error_not_a_crash),
    with_seed(finalizing_under_others_is_an_error_not_a_crash),
};

const struct chapter thread_chapter = CHAPTER("thread", tests);
