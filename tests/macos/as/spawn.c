/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/macos/as/as_macos.h"

#include <errno.h>
#include <stdint.h>

#undef posix_spawnattr_setflags
#undef posix_spawn_file_actions_adddup2
#undef posix_spawn_file_actions_addopen
#undef posix_spawn
#undef posix_spawnp

/* The start that this thread prepares: the descriptors that its actions name, a bit each, and
 * whether it gets no other. */
static _Thread_local struct {
    const posix_spawn_file_actions_t *actions;
    const posix_spawnattr_t *attributes;
    uint64_t named;
} now;

static int name(const posix_spawn_file_actions_t *actions, int fd, int error)
{
    if (now.actions != actions)
        now.named = 0;
    now.actions = actions;
    if (error == 0 && fd < 64)
        now.named |= UINT64_C(1) << fd;
    return error;
}

int as_macos_adddup2(posix_spawn_file_actions_t *actions, int from, int to)
{
    return name(actions, to, posix_spawn_file_actions_adddup2(actions, from, to));
}

int as_macos_addopen(posix_spawn_file_actions_t *actions, int fd, const char *path, int flags,
                     mode_t mode)
{
    return name(actions, fd, posix_spawn_file_actions_addopen(actions, fd, path, flags, mode));
}

/* which clears close-on-exec */
int posix_spawn_file_actions_addinherit_np(posix_spawn_file_actions_t *actions, int fd)
{
    return as_macos_adddup2(actions, fd, fd);
}

int as_macos_setflags(posix_spawnattr_t *attributes, short flags)
{
    now.attributes = (flags & POSIX_SPAWN_CLOEXEC_DEFAULT) != 0 ? attributes : NULL;
    return posix_spawnattr_setflags(attributes, (short)(flags & ~POSIX_SPAWN_CLOEXEC_DEFAULT));
}

/* Adds the close of the rest, if the flag asks for it. */
static int prepare(const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes)
{
    int first = 0;

    if (attributes == NULL || attributes != now.attributes)
        return 0;
    now.attributes = NULL;
    if (actions == NULL || actions != now.actions)
        return EINVAL;
    while (first < 64 && (now.named >> first & 1) != 0)
        first++;
    if (first < 64 && now.named >> first != 0)
        return EINVAL;
    return posix_spawn_file_actions_addclosefrom_np(
        (posix_spawn_file_actions_t *)(uintptr_t)actions, first);
}

int as_macos_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                   const posix_spawnattr_t *attributes, char *const *arguments,
                   char *const *environment)
{
    int error = prepare(actions, attributes);

    now.actions = NULL;
    return error != 0 ? error : posix_spawn(pid, path, actions, attributes, arguments, environment);
}

int as_macos_spawnp(pid_t *pid, const char *name_or_path, const posix_spawn_file_actions_t *actions,
                    const posix_spawnattr_t *attributes, char *const *arguments,
                    char *const *environment)
{
    int error = prepare(actions, attributes);

    now.actions = NULL;
    return error != 0
               ? error
               : posix_spawnp(pid, name_or_path, actions, attributes, arguments, environment);
}
