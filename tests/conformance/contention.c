/* SPDX-License-Identifier: Apache-2.0 */
#include "conformance.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

/* Many threads at once on one library: a healthy store answers each call, and C_Finalize ends. */

#define CROWD 64

static atomic_bool stop;

/* Calls in without pause, whatever the answer. */
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

static const struct CMUnitTest tests[] = {
    open_library(finalize_ends_while_a_crowd_calls_in),
};

const struct chapter contention_chapter = CHAPTER("contention", tests);
