/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_BENCH_MEASURE_H
#define TESTS_BENCH_MEASURE_H

#include <stddef.h>
#include <stdint.h>

/* Nanoseconds of the monotonic clock, and of processor time of this process. */
int64_t measure_now(void);
int64_t measure_cpu(void);

/* The value at `percent` of `count` samples, which get sorted. */
int64_t measure_percentile(int64_t *samples, size_t count, int percent);

/* The largest resident set this program has had, in KiB. */
long measure_peak_kib(void);

/* Prints "name value unit", the line that bench.py reads. */
void measure_print(const char *name, double value, const char *unit);

/* Prints a message and ends the process: a benchmark has nothing to go on with. */
_Noreturn void measure_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
