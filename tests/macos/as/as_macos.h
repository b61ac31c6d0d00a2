/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_MACOS_AS_AS_MACOS_H
#define TESTS_MACOS_AS_AS_MACOS_H

/* The names of macOS that platform/macos needs and Linux lacks, for a build that runs there. */

#include <pthread.h>
#include <spawn.h>
#include <sys/socket.h>
#include <time.h>

#define SO_NOSIGPIPE 0x1022 /* Linux refuses it */

int pthread_cond_timedwait_relative_np(pthread_cond_t *cond, pthread_mutex_t *lock,
                                       const struct timespec *rest);

/* Of a pair, macOS does not promise a user: EINVAL. */
#define SOL_LOCAL 0x5ea7
#define LOCAL_PEERCRED 1
#define LOCAL_PEERPID 2
#define getsockopt as_macos_getsockopt
int as_macos_getsockopt(int socket, int level, int name, void *value, socklen_t *size);

/* With this flag a program gets the descriptors that the actions name, and no other. The double
 * asks that these are 0, 1, 2 and so on, as Linux can close the rest only from a number on. */
#define POSIX_SPAWN_CLOEXEC_DEFAULT 0x4000
#define posix_spawnattr_setflags as_macos_setflags
#define posix_spawn_file_actions_adddup2 as_macos_adddup2
#define posix_spawn_file_actions_addopen as_macos_addopen
#define posix_spawn as_macos_spawn
#define posix_spawnp as_macos_spawnp
int as_macos_setflags(posix_spawnattr_t *attributes, short flags);
int as_macos_adddup2(posix_spawn_file_actions_t *actions, int from, int to);
int as_macos_addopen(posix_spawn_file_actions_t *actions, int fd, const char *path, int flags,
                     mode_t mode);
int posix_spawn_file_actions_addinherit_np(posix_spawn_file_actions_t *actions, int fd);
int as_macos_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                   const posix_spawnattr_t *attributes, char *const *arguments,
                   char *const *environment);
int as_macos_spawnp(pid_t *pid, const char *name, const posix_spawn_file_actions_t *actions,
                    const posix_spawnattr_t *attributes, char *const *arguments,
                    char *const *environment);

#endif
