/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_LOG_H
#define STORE_LOG_H

#include <stdbool.h>

#include "store/err.h"

/*
 * The one log call. A line names the part that speaks ("file", "vault", "conf", "pkcs11"), the
 * thing, the fault and the remedy: "file: /x/secrets.json is writable by others; remove that right
 * with: chmod go-w /x/secrets.json". Scope keys may appear; values, PINs and tokens never do (there
 * is no conversion for a struct store_secret). errno survives.
 *
 * A line is written at once or dropped, and once writing works again the log reports the number of
 * dropped lines: no call waits for a reader of the log, and none raises a signal. The log uses
 * standard error only if it was open when the module was loaded and is still the same file (or
 * another log file in its place, both opened for appending).
 *
 * Threads: any. Lines are never mixed.
 */
enum store_log_level {
    STORE_LOG_ERROR,
    STORE_LOG_WARNING,
    STORE_LOG_INFO,
    STORE_LOG_DEBUG,
};

/* Writes one line (no newline in `format`) if `level` is enabled. */
void store_log(enum store_log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Logs that `part` lacks memory, and returns NO_MEMORY. */
enum store_err store_no_memory(const char *part);

/* True if the log takes lines of this level: for messages that are costly to make. */
bool store_log_enabled(enum store_log_level level);

/* Sets level and target. `level`: "error", "warning" (also for NULL), "info" or "debug".
 * `target`: NULL or "stderr" for standard error, "syslog", "fd:7" for a file that is open at that
 * descriptor, or the absolute path of a file, which it opens for appending with mode 0600, never
 * through a symbolic link. A target that cannot be used is reported on standard error, which is the
 * target then; an unknown level is reported to the target, which then takes warnings.
 * C_Initialize calls this. */
void store_log_open(const char *level, const char *target);

/* Sends each line to `sink` instead (the store process hands its lines to the module's end);
 * NULL ends that. The text is borrowed for the call and has no newline. */
typedef void store_log_sink(void *arg, enum store_log_level level, const char *text);
void store_log_redirect(store_log_sink *sink, void *arg);

/* For a sink, during its call: writes the line to the target itself. */
void store_log_pass(enum store_log_level level, const char *text);

/* True if the log writes to standard error, and that is usable. */
bool store_log_is_stderr(void);

/* Closes the target and returns to warnings on standard error. C_Finalize calls this. */
void store_log_close(void);

#endif
