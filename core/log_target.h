/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_LOG_TARGET_H
#define CORE_LOG_TARGET_H

#include <stddef.h>

#include "store/log.h"

/* The names of enum store_log_level, in lines and settings. */
#define LOG_LEVELS 4
extern const char *const log_level_names[LOG_LEVELS];

/* The destination of log lines. Nothing here waits: a line that cannot be written at once is
 * lost. */
struct log_target {
    enum log_target_kind { LOG_TO_STDERR, LOG_TO_SYSLOG, LOG_TO_FILE } kind;
    int fd; /* the file's descriptor, else -1 */
};

/* Opens the target that the words of store_log_open name. NULL, or the reason for a failure;
 * `out` is then standard error. */
const char *log_target_open(const char *words, struct log_target *out);
void log_target_close(struct log_target *target);

/* Writes one line with its context (process, level, time). False if it was not written; the next
 * line first ends a part of it that was. One caller at a time. */
bool log_target_write(const struct log_target *target, enum store_log_level level,
                      const char *text);

#endif
