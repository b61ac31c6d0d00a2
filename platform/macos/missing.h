/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_MACOS_MISSING_H
#define PLATFORM_MACOS_MISSING_H

/* Functions and names that other systems have; the build includes this file in front of each. */

#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <wctype.h>
#include <xlocale.h>

#define st_mtim st_mtimespec
#define st_ctim st_ctimespec

void explicit_bzero(void *bytes, size_t len);
void *memrchr(const void *bytes, int byte, size_t len);
void *reallocarray(void *old, size_t count, size_t size);

/* macOS has it with the arguments in another order. */
#define qsort_r macos_qsort_r
void macos_qsort_r(void *array, size_t count, size_t size,
                   int (*compare)(const void *a, const void *b, void *arg), void *arg);

/* For this project's programs (platform/programs/macos/missing.c); `info` is not used. */
extern char **environ;
int execvpe(const char *program, char *const *arguments, char *const *environment);
int sigtimedwait(const sigset_t *set, siginfo_t *info, const struct timespec *limit);

#endif
