/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_MACOS_AS_AS_MACOS_H
#define TESTS_MACOS_AS_AS_MACOS_H

/* The names of macOS that platform/macos needs and Linux lacks, for a build that runs there. */

#include <pthread.h>
#include <time.h>

#define SO_NOSIGPIPE 0x1022 /* Linux refuses it */

int pthread_cond_timedwait_relative_np(pthread_cond_t *cond, pthread_mutex_t *lock,
                                       const struct timespec *rest);

#endif
