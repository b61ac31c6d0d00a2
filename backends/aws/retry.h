/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_AWS_RETRY_H
#define BACKENDS_AWS_RETRY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "backends/http/retry.h"

/*
 * Retries in AWS's "standard" mode. Each retry costs part of a budget that all requests share and
 * that successes refill, so that a service in trouble gets few retries. Threads: the budget is
 * shared, the rest belongs to one request.
 */
#define AWS_RETRY_BUDGET 500 /* the budget at first, and at most */
#define AWS_RETRY_ATTEMPTS 3 /* unless AWS_MAX_ATTEMPTS is set */

struct aws_retry {
    atomic_int *budget;
    struct http_retry pauses;
    int paid; /* for the last retry */
};

/* For one request: at most `attempts`, the first included, until `deadline_ns`
 * (store_time_monotonic()). */
struct aws_retry aws_retry_begin(atomic_int *budget, int attempts, int64_t deadline_ns);

/* After a failed attempt: pays for a retry and pauses, at least for `asked_ms` (the wait that the
 * server asked for; 0: none). False, and nothing paid, if the attempts or the budget are used up,
 * or the pause would reach the deadline. */
bool aws_retry_wait(struct aws_retry *retry, bool timed_out, int64_t asked_ms);

/* Ends the request: after a success, pays back the cost of its last retry, or 1. */
void aws_retry_done(struct aws_retry *retry, bool success);

#endif
