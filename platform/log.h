/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_LOG_H
#define PLATFORM_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "store/log.h"

/* The program's standard error and the system's log, as destinations of log lines. Nothing here
 * waits. */

#define PLATFORM_LOG_NAME "sideseat-pkcs11"

/* Room for a line. At most PIPE_BUF: a pipe takes such a line whole or not at all. */
#define PLATFORM_LOG_LINE 1280

/* Remembers the file that is standard error. Runs when the module is loaded; also for tests that
 * change it. */
void platform_stderr_remember(void);

/* True if standard error is open and still the file from when the module was loaded. */
bool platform_stderr_usable(void);

/* Writes to standard error, unless it is another file by now. 0, or the errno for a text that was
 * not written, or only in part; `done` gets the number of bytes. 0 also without a standard error:
 * nobody expects the line. */
int platform_stderr_write(const char *text, size_t len, size_t *done);

/* Gives one line to the system's log; false if it was not taken. */
bool platform_log_system(enum store_log_level level, const char *text);

#endif
