/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HTTP_RETRY_H
#define HTTP_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "store/err.h"

/*
 * When to repeat a request that failed in a way that may pass. The pauses double from `base_ms` and
 * are drawn at random between half of that and the whole, so that clients that failed together do
 * not come back together.
 */
struct http_retry {
    int attempts;        /* at most, the first included */
    int64_t base_ms;     /* the first pause at its longest */
    int64_t most_ms;     /* the longest any pause may get */
    int64_t deadline_ns; /* store_time_monotonic() */
    int made;            /* attempts so far; begin with 0 */
};

/* After a failed attempt: pauses, at least for `asked_ms` (what the server asked for, 0 if
 * nothing), and says true; false at once if there are to be no more attempts or the pause would
 * reach the deadline. */
bool http_retry_wait(struct http_retry *retry, int64_t asked_ms);

/* Milliseconds of a Retry-After header (RFC 9110 section 10.2.3: seconds or a date); 0 if it is
 * neither. */
int64_t http_retry_after(const char *text);

/* Whether a reply's status is one that another attempt may change: 412, 429 and 5xx but 501. */
bool http_retry_status(int status);

#endif
