/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_PROCESS_H
#define PLATFORM_PROCESS_H

#include <spawn.h>
#include <sys/types.h>

/* Processes of POSIX systems. */

/* A descriptor that is readable once the process has ended; -1 with errno: ESRCH for one that has
 * ended already. On macOS a forked child does not have the descriptor. */
int platform_process_watch(pid_t pid);

/* Has the program that is started with `actions`, which set 0, 1 and 2, begin without any other
 * descriptor; `flags` are the start's (posix_spawnattr_setflags). 0 or an errno. */
int platform_spawn_only(posix_spawn_file_actions_t *actions, short *flags);

/* On Linux: has the program that is started with `actions` begin without any descriptor from
 * `first` on. 0 or an errno. */
int platform_spawn_close_from(posix_spawn_file_actions_t *actions, int first);

#endif
