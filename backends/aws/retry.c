/* SPDX-License-Identifier: Apache-2.0 */
#include "retry.h"

#include <errno.h>
#include <stddef.h>
#include <sys/random.h>
#include <time.h>

#include "store/time.h"

#define COST 5
#define COST_TIMEOUT 10
#define MS_NS ((int64_t)1000000)
#define PAUSE_MAX_MS 20000
#define ASKED_EXTRA_MS 5000 /* how much more than our own pause a server may ask for */

static bool budget_take(atomic_int *budget, int cost)
{
    int have = atomic_load(budget);

    do {
        if (have < cost)
            return false;
    } while (!atomic_compare_exchange_weak(budget, &have, have - cost));
    return true;
}

static void budget_give(atomic_int *budget, int amount)
{
    int have = atomic_load(budget);
    int full;

    do {
        full = have + amount < AWS_RETRY_BUDGET ? have + amount : AWS_RETRY_BUDGET;
    } while (!atomic_compare_exchange_weak(budget, &have, full));
}

/* From 0 to `most`, so that clients that failed together do not come back together. */
static int64_t random_up_to(int64_t most)
{
    uint32_t random = 0;

    if (getrandom(&random, sizeof random, GRND_NONBLOCK) != (ssize_t)sizeof random)
        return most;
    return (int64_t)(random % (uint32_t)(most + 1));
}

static int64_t pause_ms(const struct aws_retry *retry, int64_t asked_ms)
{
    int64_t most = retry->retries < 15 ? (int64_t)1000 << retry->retries : PAUSE_MAX_MS;
    int64_t pause = random_up_to(most < PAUSE_MAX_MS ? most : PAUSE_MAX_MS);

    if (asked_ms <= pause)
        return pause;
    return asked_ms < pause + ASKED_EXTRA_MS ? asked_ms : pause + ASKED_EXTRA_MS;
}

bool aws_retry_wait(struct aws_retry *retry, int64_t deadline_ns, bool timed_out, int64_t asked_ms)
{
    int cost = timed_out ? COST_TIMEOUT : COST;
    int64_t until = store_time_monotonic() + pause_ms(retry, asked_ms) * MS_NS;
    struct timespec time = {until / 1000000000, until % 1000000000};

    if (retry->retries + 1 >= retry->attempts || until >= deadline_ns ||
        !budget_take(retry->budget, cost))
        return false;
    retry->retries++;
    retry->paid = cost;
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) == EINTR)
        ;
    return true;
}

void aws_retry_done(struct aws_retry *retry, bool success)
{
    if (success)
        budget_give(retry->budget, retry->paid > 0 ? retry->paid : 1);
}
