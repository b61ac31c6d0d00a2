/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_SECITEM_TURN_H
#define BACKENDS_SECITEM_TURN_H

#include "backends/secitem/secitem.h"

/* Takes the turn to write, among all threads and processes of the user. Waits for `timeout_ms`,
 * then TIMEOUT. Logs its errors. The system ends the turn of a process that dies. */
enum store_err turn_acquire(const struct store_ctx *ctx, int *turn) STORE_CHECKED;
void turn_release(int turn);

#endif
