/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_PROCESS_H
#define PLATFORM_PROCESS_H

#include <spawn.h>

/* Has the program that is started with `actions` begin without any descriptor from `first` on. 0 or
 * an errno. */
int platform_spawn_close_from(posix_spawn_file_actions_t *actions, int first);

#endif
