/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_SECITEM_RUN_H
#define BACKENDS_SECITEM_RUN_H

#include "backends/secitem/secitem.h"

/* An operation's work at the place of the secrets. */
typedef enum store_err run_work_fn(struct store_ctx *ctx, const struct item_place *place,
                                   void *arg);

/* How an operation uses the keychain. */
enum run_mode {
    RUN_SILENT,  /* never asks the user */
    RUN_PROMPTS, /* may ask */
};

/*
 * Imports what is left to import, then works. UNAVAILABLE (logged) in a forked child, which macOS
 * does not let use its libraries. If the platform chose the Data Protection Keychain and its first
 * answer is that this program has no entitlement for it, the login keychain takes its place for
 * the life of the ctx, with a line in the log, and the work begins again.
 */
enum store_err run_work(struct store_ctx *ctx, enum run_mode mode, run_work_fn *work,
                        void *arg) STORE_CHECKED;

/* The same for a health check: faults go to `health`, and nothing is imported. */
enum store_err run_health(struct store_ctx *ctx, struct store_health *health, run_work_fn *work,
                          void *arg) STORE_CHECKED;

#endif
