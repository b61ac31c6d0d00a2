/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_LOG_TARGET_H
#define CORE_LOG_TARGET_H

#include <stddef.h>

#include "store/log.h"

/* Where lines of the log go. Nothing here waits: a line that is not taken at once is given up. */
struct log_target {
    enum log_target_kind { LOG_TO_STDERR, LOG_TO_SYSLOG, LOG_TO_FILE } kind;
    int fd; /* of a file, else -1 */
};

/* Turns the words of store_log_open into a target. NULL, or the reason why that failed; `out` is
 * standard error then. */
const char *log_target_open(const char *words, struct log_target *out);
void log_target_close(struct log_target *target);

/* Writes one line, with what a reader needs to place it. False if it was not taken; whatever part
 * of it was is ended by the next line. One caller at a time. */
bool log_target_write(const struct log_target *target, enum store_log_level level,
                      const char *text);

/* Whether standard error is open, and what it was when the module was loaded. */
bool log_target_stderr_usable(void);

/* Looks what standard error is. Happens when the module is loaded; for tests that change it. */
void log_target_look_at_stderr(void);

#endif
