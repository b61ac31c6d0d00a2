/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_STORE_PROCESS_H
#define TOOLS_SIDESEAT_STORE_PROCESS_H

/* This process, as its system has it. */

/* The process holds credentials and values: no core dump, no debugger of the same user, as far as
 * the system can keep it away. Its memory as a whole is not locked: that would pin TLS libraries
 * and every stack and soon exceed the usual limit; the memory of secrets is locked block by block
 * (store/secret.h). */
void process_protect(void);

/* Drops the host's standard error: its reader sees its end when the host has ended. */
void process_drop_log(void);

/* Ends the process after that time, wherever it is. */
void process_end_within(unsigned seconds);

#endif
