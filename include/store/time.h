/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_TIME_H
#define STORE_TIME_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "store/err.h"

/* Times are nanoseconds since 1970-01-01T00:00:00Z; 0 means "not known". */

/* Nanoseconds in a millisecond and in a second. */
#define STORE_TIME_MS INT64_C(1000000)
#define STORE_TIME_S INT64_C(1000000000)

/* The same time, or length of time, as the system's calls take it. `ns` is not negative. */
static inline struct timespec store_time_spec(int64_t ns)
{
    return (struct timespec){.tv_sec = ns / STORE_TIME_S, .tv_nsec = (long)(ns % STORE_TIME_S)};
}

/* Room for any time as text with its terminating NUL: "2024-01-01T00:00:00.123456789Z". */
#define STORE_TIME_TEXT_SIZE 40

/* A time as a date of the Gregorian calendar in UTC; `ns` is not negative. It takes no lock, unlike
 * gmtime_r, whose lock a forked child of a program with threads may find taken for good. */
void store_time_utc(int64_t ns, struct tm *out);

/* Writes RFC 3339 in UTC with 0, 3, 6 or 9 fraction digits, the fewest that are exact; 0 gives
 * "". */
void store_time_format(int64_t ns, char out[STORE_TIME_TEXT_SIZE]);

/* Parses RFC 3339 (section 5.6: any offset, any number of fraction digits; those past nine are
 * ignored). 0 for anything else, and for times before 1970 or after 2261. */
int64_t store_time_parse(const char *text, size_t len);

/* The wall clock, for timestamps. */
int64_t store_time_now(void);

/* A clock that only goes forward, for deadlines and ages; nanoseconds from an arbitrary start. */
int64_t store_time_monotonic(void);

/* The same clock at its last tick, a few milliseconds ago at most: for ages where the exact time
 * would cost more than the thing measured. */
int64_t store_time_coarse(void);

#endif
