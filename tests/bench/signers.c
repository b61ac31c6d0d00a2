/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/signers.h"

#include <pthread.h>
#include <unistd.h>

#include "tests/bench/measure.h"

void *signers_module(void *arg)
{
    struct signer *signer = arg;
    CK_FUNCTION_LIST *f = signer->host->f;
    CK_SESSION_HANDLE session = host_session(signer->host);
    CK_MECHANISM mechanism = {signer->mechanism, NULL, 0};
    unsigned char message[SIGNERS_MESSAGE_MAX] = {0};
    unsigned char out[1024];

    while (!atomic_load_explicit(signer->stop, memory_order_relaxed)) {
        CK_ULONG len = sizeof out;
        CK_RV rv = f->C_SignInit(session, &mechanism, signer->key);
        if (rv == CKR_OK)
            rv = f->C_Sign(session, message, signer->message_len, out, &len);
        if (rv != CKR_OK)
            measure_fail("signing: 0x%lx", rv);
        signer->done++;
    }
    f->C_CloseSession(session);
    return NULL;
}

/* Signatures in a second by so many threads. */
static double rate(const struct signer *like, size_t threads, unsigned pause_us)
{
    struct signer signers[2];
    pthread_t ids[2];
    atomic_bool stop = false;
    int64_t start = measure_now();
    unsigned long done = 0;

    for (size_t i = 0; i < threads; i++) {
        signers[i] = *like;
        signers[i].stop = &stop;
        pthread_create(&ids[i], NULL, like->run, &signers[i]);
    }
    usleep(pause_us);
    atomic_store(&stop, true);
    for (size_t i = 0; i < threads; i++) {
        pthread_join(ids[i], NULL);
        done += signers[i].done;
    }
    return (double)done * 1e9 / (double)(measure_now() - start);
}

static double larger(double a, double b)
{
    return a > b ? a : b;
}

void signers_compare(const char *name, const struct signer *theirs, const struct signer *ours,
                     unsigned pause_us)
{
    double best = 0;
    double best_one = 0;
    double best_two = 0;
    double scaling = 0;

    for (int round = 0; round < 5; round++) {
        double other = rate(theirs, 1, pause_us);
        double one = rate(ours, 1, pause_us);
        double two = rate(ours, 2, pause_us);
        best = larger(best, other);
        best_one = larger(best_one, one);
        best_two = larger(best_two, two);
        scaling = larger(scaling, two / one);
    }
    measure_print(name, best, "/s");
    measure_print("sign_1", best_one, "/s");
    measure_print("sign_2", best_two, "/s");
    measure_print("scaling", scaling, "x");
}
