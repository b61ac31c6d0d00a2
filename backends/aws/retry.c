/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/aws/retry.h"

#define COST 5
#define COST_TIMEOUT 10
#define PAUSE_MS 1000
#define PAUSE_MOST_MS 20000

static bool budget_spend(atomic_int *budget, int cost)
{
    int have = atomic_load(budget);

    do {
        if (have < cost)
            return false;
    } while (!atomic_compare_exchange_weak(budget, &have, have - cost));
    return true;
}

static void budget_refill(atomic_int *budget, int amount)
{
    int have = atomic_load(budget);
    int full;

    do {
        full = have + amount < AWS_RETRY_BUDGET ? have + amount : AWS_RETRY_BUDGET;
    } while (!atomic_compare_exchange_weak(budget, &have, full));
}

struct aws_retry aws_retry_begin(atomic_int *budget, int attempts, int64_t deadline_ns)
{
    return (struct aws_retry){
        .budget = budget,
        .pauses = {.attempts = attempts,
                   .base_ms = PAUSE_MS,
                   .most_ms = PAUSE_MOST_MS,
                   .deadline_ns = deadline_ns},
    };
}

bool aws_retry_wait(struct aws_retry *retry, bool timed_out, int64_t asked_ms)
{
    int cost = timed_out ? COST_TIMEOUT : COST;

    if (!budget_spend(retry->budget, cost))
        return false;
    if (!http_retry_wait(&retry->pauses, asked_ms)) {
        budget_refill(retry->budget, cost);
        return false;
    }
    retry->paid = cost;
    return true;
}

void aws_retry_done(struct aws_retry *retry, bool success)
{
    if (success)
        budget_refill(retry->budget, retry->paid > 0 ? retry->paid : 1);
}
