/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_CREDENTIAL_MANAGER_SWEEP_H
#define BACKENDS_CREDENTIAL_MANAGER_SWEEP_H

#include "backends/credential-manager/cred.h"

/*
 * Remove the parts that no secret has any more: those of a replaced or removed value, and of a
 * write that was interrupted. Neither fails: what cannot be removed stays for the next sweep of all
 * keys, which is then due.
 */

/* For one key, after a change. */
void sweep_key(const struct turn *turn, const char *key);

/* For all keys, if that is due: at the first change through a ctx, and after a process has ended in
 * its turn. */
void sweep_if_due(const struct turn *turn);

#endif
