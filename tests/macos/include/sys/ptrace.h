/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_MACOS_INCLUDE_SYS_PTRACE_H
#define TESTS_MACOS_INCLUDE_SYS_PTRACE_H

#include <sys/types.h>

/* The project's own declaration of the part of ptrace(2) that sideseat-store uses, for builds on
 * other systems, whose compiler has no header of macOS for it. */
#define PT_DENY_ATTACH 31

int ptrace(int request, pid_t process, char *address, int data);

#endif
