/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/process.h"

int platform_spawn_close_from(posix_spawn_file_actions_t *actions, int first)
{
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}
