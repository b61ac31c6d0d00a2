/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_HTTP_RETRY_H
#define BACKENDS_HTTP_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "store/err.h"

/*
 * Repeats a request after a failure that may pass. The pauses double from `base_ms`, and each is a
 * random part between half and the whole, so that clients that failed together do not return
 * together.
 */
struct http_retry {
    int attempts;        /* at most, the first included */
    int64_t base_ms;     /* the longest first pause */
    int64_t most_ms;     /* the longest any pause may get */
    int64_t deadline_ns; /* store_time_monotonic() */
    int made;            /* attempts so far; begin with 0 */
};

/* After a failed attempt: pauses, at least for `asked_ms` (the wait that the server asked for, 0 if
 * none), and returns true; false at once if the attempts are used up or the pause would reach the
 * deadline. */
bool http_retry_wait(struct http_retry *retry, int64_t asked_ms);

/* Parses the milliseconds of a Retry-After header (RFC 9110 section 10.2.3: seconds or a date); 0
 * if it is neither. */
int64_t http_retry_after(const char *text);

/* True if another attempt may change a reply's status: 412, 429 and 5xx except 501. */
bool http_retry_status(int status);

#endif
