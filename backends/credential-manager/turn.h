/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_CREDENTIAL_MANAGER_TURN_H
#define BACKENDS_CREDENTIAL_MANAGER_TURN_H

#include <stdatomic.h>

#include "backends/credential-manager/status.h"

struct store_ctx {
    const struct store_conf *conf;
    _Atomic(HANDLE) mutex; /* NULL until the first operation */
    atomic_bool imported;  /* nothing is left to import */
    atomic_bool swept;     /* nobody has been interrupted since the last sweep */
};

/*
 * The turn to call the functions of the Credential Manager. All threads and processes of a user
 * take turns by a named mutex, readers, too: a long value is several credentials, there is no
 * compare-and-set, and in Wine a listing beside a write crashes.
 *
 * The functions cannot be ended, but none is begun after the deadline.
 */
struct turn {
    struct store_ctx *ctx;
    int64_t deadline_ns;
    struct store_health *health; /* gets the faults in place of the log; may be NULL */
};

/* Takes the turn; waits for `timeout_ms`, then TIMEOUT. If a process has ended in its turn, the
 * next sweep is due. The same thread releases it. */
enum store_err turn_acquire(struct store_ctx *ctx, struct store_health *health,
                            struct turn *out) STORE_CHECKED;
void turn_release(const struct turn *turn);

/* TIMEOUT, reported, once the deadline has passed. */
enum store_err turn_check(const struct turn *turn, const char *subject) STORE_CHECKED;

/* Closes the mutex. */
void turn_end(struct store_ctx *ctx);

#endif
