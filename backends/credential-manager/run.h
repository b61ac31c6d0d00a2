/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_CREDENTIAL_MANAGER_RUN_H
#define BACKENDS_CREDENTIAL_MANAGER_RUN_H

#include "backends/credential-manager/turn.h"

/* An operation's work, in its turn. */
typedef enum store_err run_work_fn(const struct turn *turn, void *arg);

enum run_mode {
    RUN_READS,
    RUN_CHANGES, /* may also remove what interrupted changes have left */
};

/* Takes the turn, imports what is left to import, works, and gives the turn back. */
enum store_err run_work(struct store_ctx *ctx, enum run_mode mode, run_work_fn *work,
                        void *arg) STORE_CHECKED;

/* The same for a health check: faults go to `health`, and nothing is imported. */
enum store_err run_health(struct store_ctx *ctx, struct store_health *health, run_work_fn *work,
                          void *arg) STORE_CHECKED;

#endif
