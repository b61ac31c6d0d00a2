/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_AUDIT_TARGET_H
#define CORE_AUDIT_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The destination of an audit's lines; one caller at a time. Only a daemon that is too slow is
 * waited for, and not for long. */
struct audit_target {
    enum audit_target_kind { AUDIT_TO_FILE, AUDIT_TO_SYSLOG, AUDIT_TO_JOURNAL } kind;
    const char *path; /* of the file; borrowed */
    int fd;           /* the file or the daemon's socket; -1: not open */
};

/* `words` as in the setting audit.target; opens nothing. */
void audit_target_init(struct audit_target *target, const char *words);
void audit_target_close(struct audit_target *target);

/* Opens the target unless it is open. If its file was renamed or removed, a new file is opened at
 * the path. The reason for a failure, or NULL. */
const char *audit_target_open(struct audit_target *target);

/* Writes whole lines, `count` of them. `lost` gets the number of those that were not written. The
 * reason for that, or NULL. */
const char *audit_target_write(struct audit_target *target, const char *lines, size_t len,
                               size_t count, size_t *lost);

#endif
