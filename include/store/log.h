/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_LOG_H
#define STORE_LOG_H

#include <stdbool.h>

/*
 * The one log call. A line says what failed, on what, why and what to do: "file: /x/secrets.json
 * is writable by others; remove that right with: chmod go-w /x/secrets.json". It starts with the
 * noun of the part that speaks ("file", "vault", "conf", "pkcs11"). Scope keys may appear; values,
 * PINs and tokens never do (there is no conversion for a struct store_secret). errno survives.
 *
 * A line is written at once or dropped, and the number of dropped ones is logged when writing works
 * again: no call waits for who reads the log, and none raises a signal. Standard error is written
 * to only if it was open when the module was loaded, and is the same still (or one log file instead
 * of another, both opened to be appended to).
 *
 * Threads: any. A line is written whole.
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

/* Whether a line of this level would be written: for messages that cost something to make. */
bool store_log_enabled(enum store_log_level level);

/* Sets level and target. `level`: "error", "warning" (also for NULL), "info" or "debug". `target`:
 * NULL or "stderr" for standard error, "syslog", or the absolute path of a file, opened for
 * appending with mode 0600, never through a symbolic link. A level or target that cannot be used
 * is reported on standard error, which then stays the target. Called by C_Initialize. */
void store_log_open(const char *level, const char *target);

/* Sends each line to `sink` instead (the store process hands its lines to the module's end);
 * NULL ends that. The text is borrowed for the call and has no newline. */
typedef void store_log_sink(void *arg, enum store_log_level level, const char *text);
void store_log_redirect(store_log_sink *sink, void *arg);

/* For a sink, in the call: writes the line to the target after all. */
void store_log_pass(enum store_log_level level, const char *text);

/* Whether lines are written to standard error, and it is there. */
bool store_log_is_stderr(void);

/* Closes the target and goes back to warnings on standard error. Called by C_Finalize. */
void store_log_close(void);

#endif
