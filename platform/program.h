/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_PROGRAM_H
#define PLATFORM_PROGRAM_H

#include <stddef.h>
#include <sys/types.h>

/* The path of the program that a process runs, or its name if that is all the system tells, cut
 * short if necessary; else "". */
void platform_program_of(pid_t pid, char *out, size_t size);

#endif
