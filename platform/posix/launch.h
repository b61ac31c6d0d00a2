/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_POSIX_LAUNCH_H
#define PLATFORM_POSIX_LAUNCH_H

#include <spawn.h>
#include <stdbool.h>
#include <sys/types.h>

/* The parts of a start that Linux and macOS share. */

/* The descriptor of the store process's end of the control channel. */
#define LAUNCH_FD 3

/* posix_spawn(3) of a program in a session of its own, with default signals of which none is
 * blocked. `more`: further flags. 0 or an errno. */
int launch_spawn(pid_t *pid, const char *program, const posix_spawn_file_actions_t *actions,
                 short more, char *const *arguments, char *const *environment);

#endif
