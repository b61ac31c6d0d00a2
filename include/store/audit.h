/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_AUDIT_H
#define STORE_AUDIT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "store/err.h"

/*
 * The audit: one line of JSON for each use of a secret, in a file, in syslog or in the journal
 * (docs/audit.md). A line has names, never a value.
 *
 * No call waits for the target. store_audit_note copies the use into a bounded queue, and a thread
 * writes the lines. If the queue is full or the target takes nothing, the lines are dropped and
 * counted: the next line that can be written gives their number, and the log has one line.
 *
 * Threads: any. A forked child has no part in its parent's audits: it neither uses nor closes them.
 */

#define STORE_AUDIT_PROGRAM_SIZE 256

/* The process that uses the secrets. */
struct store_audit_process {
    pid_t pid;
    uid_t uid;
    char program[STORE_AUDIT_PROGRAM_SIZE]; /* its path, else its name, else "" */
};

/* Looks the program up; the process may be another user's, or gone. */
void store_audit_process_find(pid_t pid, uid_t uid, struct store_audit_process *out);

/* The process that writes the lines. */
enum store_audit_writer { STORE_AUDIT_MODULE, STORE_AUDIT_STORE };

/* One use. `call`, `mechanism` and `outcome` point to static texts. */
struct store_audit_use {
    const char *token;     /* its label */
    const char *key;       /* the secret, or the part of the store that is listed */
    const char *call;      /* "read", "sign" */
    const char *mechanism; /* of a key; NULL without one */
    const char *outcome;   /* "OK", or the error's name */
    bool stale;            /* the value had expired, and the store was unreachable */
};

struct store_audit;

/* The audits of one library or store process; a zeroed one is empty. Tokens with the same target
 * share one. */
struct store_audits {
    struct store_audit *first;
};

/* The audit for a target ("syslog", "journal" or the path of a file) and `self`, the process of the
 * uses that name no other. NULL for a target of NULL. `required`: uses are refused while the target
 * takes no lines. Opens the target only if it is required; starts nothing. The caller holds a lock,
 * or is the only one. NO_MEMORY. */
enum store_err store_audits_get(struct store_audits *audits, const char *target, bool required,
                                enum store_audit_writer writer,
                                const struct store_audit_process *self,
                                struct store_audit **out) STORE_CHECKED;

/* Waits until all lines are written, at most until the deadline (store_time_monotonic). */
void store_audits_flush(struct store_audits *audits, int64_t deadline_ns);

/* Flushes, for at most a second, and frees; nobody uses the audits any more. A thread that the
 * system does not let go of frees its audit later. */
void store_audits_close(struct store_audits *audits);

/* Notes a use by `process` (NULL: the process itself). Accepts an audit of NULL. errno survives. */
void store_audit_note(struct store_audit *audit, const struct store_audit_process *process,
                      const struct store_audit_use *use);

/* False while a required audit's target takes no lines, so that the use must be refused. The line
 * about the refusal tries the target again. Accepts NULL. */
bool store_audit_permits(struct store_audit *audit);

#endif
