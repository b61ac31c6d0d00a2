/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_MODULE_LOG_H
#define TOOLS_SIDESEAT_SECRETS_MODULE_LOG_H

#include <stdbool.h>

/*
 * The lines that the module logs, taken from it so that a failure is told in one line: the
 * command's own, with the module's reason in it. They are left to the module if SIDESEAT_PKCS11_LOG
 * or SIDESEAT_PKCS11_LOG_FILE asks for something else, or the module is another one.
 *
 * Threads: any for module_log_next and module_log_find.
 */

/* Room for a line, NUL included. */
#define MODULE_LOG_SIZE 1024

enum module_log_kind { MODULE_LOG_ERROR, MODULE_LOG_WARNING };

/* Has the module, which is initialized next, log to a file in memory. */
void module_log_begin(void);

/* The module is initialized: programs that are started from now on know nothing of that file. */
void module_log_begun(void);

/* The next line since the last call, without time, process and level. False if there is none. */
bool module_log_next(enum module_log_kind *kind, char line[MODULE_LOG_SIZE]);

/* The last error among the newest lines that names `thing`, taken already or not; false if none
 * does. A read of many secrets logs the errors of all before the first of them is told. */
bool module_log_find(const char *thing, char line[MODULE_LOG_SIZE]);

#endif
