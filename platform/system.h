/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_SYSTEM_H
#define PLATFORM_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

/* True if this process has more rights than its caller. */
bool platform_privileged(void);

/* An environment variable; NULL if it is not set, or the process is privileged. */
const char *platform_env(const char *name);

/* All of them, ended by NULL. NULL if there is no environment. */
char **platform_environ(void);

/* True if the first `len` bytes of two names of variables are the same, on Windows in any case. */
bool platform_env_same(const char *name, const char *other, size_t len);

/* The variables that each program of this project needs, for itself or for the system's libraries;
 * ended by NULL. */
extern const char *const platform_env_everywhere[];

/* Fills up to `len` bytes from the kernel's generator, and returns how many. -1 with errno: EAGAIN
 * early in a boot, unless `wait`. */
ssize_t platform_random(void *bytes, size_t len, bool wait);

/* A clock that counts as CLOCK_MONOTONIC does; less exact, and faster if the system has such a one.
 */
extern const clockid_t platform_coarse_clock;

/* The socket of the system log. */
extern const char platform_log_socket[];

/* The names of OpenSSL 3's libcrypto, for dlopen(3), ended by NULL. Those with a path are for
 * programs that are not privileged. On Windows they are names in the module's folder. */
extern const char *const platform_libcrypto[];

/* Programs keep their data in `platform_data_folder`, below the home folder; the folder of this
 * project there is `platform_data_name`. The variable, NULL on a system without one, can name
 * another folder for all programs; the origin of the setting is then `platform_data_origin`. */
extern const char platform_data_folder[];
extern const char platform_data_name[];
extern const char *const platform_data_variable;
extern const char platform_data_origin[];

/* The account's home folder; false if there is none, or `size` is too small. */
bool platform_home(char *out, size_t size);

/* The configuration file for all users, which is `out`. */
const char *platform_system_file(char *out, size_t size);

#endif
