/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_CORE_AUDIT_FIXTURE_H
#define TESTS_UNIT_CORE_AUDIT_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/audit.h"

/* Shared by the tests of the audit: each case runs in a process of its own, with a file of its own
 * at `path`. */

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "line %d: %s\n", __LINE__, #condition);                                \
            _exit(1);                                                                              \
        }                                                                                          \
    } while (0)

#define SKIP 77 /* the exit status of a case that this machine does not allow */

extern char folder[];
extern char path[64];
extern char logged[8192];          /* the lines of the log */
extern char text[4 * 1024 * 1024]; /* of the file that was read last */

void in_child(void (*act)(void));

/* The audit for a target. */
struct store_audit *open_audit(struct store_audits *audits, const char *target, bool required);

/* A read, or with a mechanism a signature. */
void note(struct store_audit *audit, const char *key, const char *mechanism);
void write_many(struct store_audit *audit, size_t number);

/* Waits for all lines; and closes the audits. Closing alone waits for a second, which may be short
 * on a machine that has much to do. */
void flush(struct store_audits *audits);
void finish(struct store_audits *audits);

/* Reads a file into `text`. */
const char *content(const char *name);

/* How often a part is in a text; and whether each line begins and ends as one of the audit. */
size_t count(const char *in, const char *part);
bool all_whole(const char *lines);

/* Makes the folder, runs the tests, and removes the folder. */
int run_audit_tests(int (*run)(void));

#endif
