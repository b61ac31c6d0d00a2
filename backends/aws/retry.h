/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AWS_RETRY_H
#define AWS_RETRY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "backends/http/retry.h"

/*
 * When to try again: AWS's "standard" mode. Each retry pays from a budget that all requests share
 * and that successes fill up again, so that a service in trouble gets few retries. Threads: the
 * budget is shared, the rest belongs to one request.
 */
#define AWS_RETRY_BUDGET 500 /* how full it is at first, and at most */
#define AWS_RETRY_ATTEMPTS 3 /* unless AWS_MAX_ATTEMPTS says otherwise */

struct aws_retry {
    atomic_int *budget;
    struct http_retry pauses;
    int paid; /* for the last retry */
};

/* For one request: at most `attempts`, the first included, until `deadline_ns`
 * (store_time_monotonic()). */
struct aws_retry aws_retry_begin(atomic_int *budget, int attempts, int64_t deadline_ns);

/* After a failed attempt: pays for a retry and pauses, at least for `asked_ms` (what the server
 * asked for; 0: nothing). False, having paid nothing, if there are to be no more attempts, the
 * budget is empty, or the pause would reach the deadline. */
bool aws_retry_wait(struct aws_retry *retry, bool timed_out, int64_t asked_ms);

/* The request is over: pays back what its last retry cost, or 1, if it succeeded. */
void aws_retry_done(struct aws_retry *retry, bool success);

#endif
