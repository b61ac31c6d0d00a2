/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The audit: lines in a second beside a bare write() of each line, the cost of a call, and what a
 * caller that never pauses loses. Prints; asserts nothing.
 *
 *     bench_audit LINES
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/audit.h"
#include "store/log.h"
#include "store/time.h"
#include "tests/bench/measure.h"

/* Uses between two looks at the queue: fewer than it holds. */
#define BURST 4000

static const struct store_audit_process self = {4711, 0, "/usr/sbin/nginx"};
static const struct store_audit_use use = {.token = "sideseat",
                                           .key = "org/acme/openai_api_key",
                                           .call = "sign",
                                           .mechanism = "CKM_SHA256_RSA_PKCS_PSS",
                                           .outcome = "OK"};
static char path[] = "/tmp/bench-audit-XXXXXX";

static double per_second(long lines, int64_t ns)
{
    return (double)lines * 1e9 / (double)ns;
}

/* A line of the usual length, written one by one. */
static double bare(int fd, long lines)
{
    static char line[240];
    int64_t begun = measure_now();

    memset(line, 'x', sizeof line - 1);
    line[sizeof line - 1] = '\n';
    for (long i = 0; i < lines; i++)
        if (write(fd, line, sizeof line) != (ssize_t)sizeof line)
            measure_fail("cannot write to %s", path);
    return per_second(lines, measure_now() - begun);
}

static struct store_audit *begin(struct store_audits *audits)
{
    struct store_audit *audit;

    if (store_audits_get(audits, path, false, STORE_AUDIT_STORE, &self, &audit) != STORE_OK)
        measure_fail("no memory");
    return audit;
}

/* Lines in a second by a caller that lets the writer keep up. */
static double sustained(long lines)
{
    struct store_audits audits = {0};
    struct store_audit *audit = begin(&audits);
    int64_t begun = measure_now();

    for (long i = 0; i < lines; i++) {
        store_audit_note(audit, NULL, &use);
        if (i % BURST == 0)
            store_audits_flush(&audits, measure_now() + 10 * STORE_TIME_S);
    }
    store_audits_flush(&audits, measure_now() + 10 * STORE_TIME_S);
    begun = measure_now() - begun;
    store_audits_close(&audits);
    return per_second(lines, begun);
}

/* A caller that never pauses: the time of a call. */
static double relentless(long lines)
{
    struct store_audits audits = {0};
    struct store_audit *audit = begin(&audits);
    int64_t begun = measure_now();

    for (long i = 0; i < lines; i++)
        store_audit_note(audit, NULL, &use);
    begun = measure_now() - begun;
    store_audits_flush(&audits, measure_now() + 10 * STORE_TIME_S);
    store_audits_close(&audits);
    return (double)begun / (double)lines;
}

static long count_lines(int fd)
{
    static char buffer[1 << 16];
    long lines = 0;
    ssize_t n;

    lseek(fd, 0, SEEK_SET);
    while ((n = read(fd, buffer, sizeof buffer)) > 0)
        for (ssize_t i = 0; i < n; i++)
            lines += buffer[i] == '\n';
    return lines;
}

int main(int argc, char **argv)
{
    long lines = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
    int fd = mkostemp(path, O_APPEND);
    double written;
    double one_by_one;
    double call_ns;

    if (lines < 1 || fd < 0)
        measure_fail("usage: bench_audit LINES");
    one_by_one = bare(fd, lines);
    written = sustained(lines);
    if (ftruncate(fd, 0) != 0)
        measure_fail("cannot empty %s", path);
    store_log_open("error", NULL);
    call_ns = relentless(lines);
    measure_print("audit-lines", written, "lines/s");
    measure_print("audit-of-bare-writes", written / one_by_one, "x");
    measure_print("audit-call", call_ns, "ns");
    measure_print("audit-relentless-written", (double)count_lines(fd) * 100 / (double)lines, "%");
    unlink(path);
    return 0;
}
