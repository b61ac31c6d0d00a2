/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_PROGRAM_H
#define PLATFORM_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The path of the program that a process runs, or its name if that is all the system tells, cut
 * short if necessary; else "". */
void platform_program_of(pid_t pid, char *out, size_t size);

/* The absolute path, without links, of the file that this code is in: the module, or a program that
 * it is linked to. False if the system does not tell, or `size` is too small. */
bool platform_program_self(char *out, size_t size);

/* The end of the name of each program. */
extern const char platform_program_suffix[];

#endif
