/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_AUDIT_DAEMON_H
#define CORE_AUDIT_DAEMON_H

#include "core/audit_target.h"

/* The targets that are daemons, for audit_target.c. */

/* Connects to the daemon. The reason for a failure, or NULL. */
const char *audit_daemon_open(struct audit_target *target);

/* Sends each line; as audit_target_write. */
const char *audit_daemon_write(struct audit_target *target, const char *lines, size_t len,
                               size_t *lost);

#endif
