/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_PROGRAMS_WINDOWS_INCLUDE_DLFCN_H
#define PLATFORM_PROGRAMS_WINDOWS_INCLUDE_DLFCN_H

#pragma GCC system_header

/* POSIX's dlfcn.h, for Windows; see ../library.c. */

#define RTLD_NOW 2
#define RTLD_LOCAL 0

void *dlopen(const char *path, int flags);
void *dlsym(void *library, const char *name);
int dlclose(void *library);
const char *dlerror(void);

#endif
