/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/credential-manager/run.h"

#include "backends/credential-manager/cred.h"
#include "backends/credential-manager/import.h"
#include "backends/credential-manager/sweep.h"

static enum store_err work_in_turn(const struct turn *turn, enum run_mode mode, run_work_fn *work,
                                   void *arg)
{
    TRY(import_check(turn));
    if (mode == RUN_CHANGES)
        sweep_if_due(turn);
    return work(turn, arg);
}

enum store_err run_work(struct store_ctx *ctx, enum run_mode mode, run_work_fn *work, void *arg)
{
    struct turn turn;
    enum store_err err;

    TRY(turn_acquire(ctx, NULL, &turn));
    err = work_in_turn(&turn, mode, work, arg);
    turn_release(&turn);
    return err;
}

enum store_err run_health(struct store_ctx *ctx, struct store_health *health, run_work_fn *work,
                          void *arg)
{
    struct turn turn;
    enum store_err err;

    TRY(turn_acquire(ctx, health, &turn));
    err = cred_check_kept(&turn);
    if (err == STORE_OK)
        err = import_possible(&turn);
    if (err == STORE_OK)
        err = work(&turn, arg);
    turn_release(&turn);
    return err;
}
