/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/measure.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static int64_t clock_ns(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t measure_now(void)
{
    return clock_ns(CLOCK_MONOTONIC);
}

int64_t measure_cpu(void)
{
    return clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

static int by_value(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a;
    int64_t right = *(const int64_t *)b;

    return (left > right) - (left < right);
}

int64_t measure_percentile(int64_t *samples, size_t count, int percent)
{
    qsort(samples, count, sizeof *samples, by_value);
    return samples[(count - 1) * (size_t)percent / 100];
}

long measure_peak_kib(void)
{
    /* not getrusage, which counts the process's memory before its last exec */
    FILE *status = fopen("/proc/self/status", "re");
    char line[256];
    long kib = -1;

    while (status != NULL && kib < 0 && fgets(line, sizeof line, status) != NULL)
        sscanf(line, "VmHWM: %ld", &kib);
    if (status == NULL || kib < 0)
        measure_fail("no VmHWM in /proc/self/status");
    fclose(status);
    return kib;
}

void measure_print(const char *name, double value, const char *unit)
{
    printf("%s %.4f %s\n", name, value, unit);
    fflush(stdout);
}

void measure_fail(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fputs("bench: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}
