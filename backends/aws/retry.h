/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AWS_RETRY_H
#define AWS_RETRY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * When to try again: AWS's "standard" mode. Each retry pays from a budget that all requests share
 * and that successes fill up again, so that a service in trouble gets few retries. Threads: the
 * budget is shared, the rest belongs to one request.
 */
#define AWS_RETRY_BUDGET 500 /* how full it is at first, and at most */
#define AWS_RETRY_ATTEMPTS 3 /* unless AWS_MAX_ATTEMPTS says otherwise */

struct aws_retry {
    atomic_int *budget;
    int attempts; /* at most, the first included */
    int retries;  /* so far */
    int paid;     /* for the last of them */
};

/* After a failed attempt: pays for a retry and pauses for a random time, at most 2^retries seconds
 * and 20, or what the server asked for. False, without a pause, if there are to be no more
 * attempts, the budget is empty, or the pause would end past the deadline (store_time_monotonic).
 */
bool aws_retry_wait(struct aws_retry *retry, int64_t deadline_ns, bool timed_out, int64_t asked_ms);

/* The request is over: pays back what its last retry cost, or 1, if it succeeded. */
void aws_retry_done(struct aws_retry *retry, bool success);

#endif
