/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_WINDOWS_INCLUDE_DLFCN_H
#define TESTS_WINDOWS_INCLUDE_DLFCN_H

#define RTLD_NOW 2
#define RTLD_LOCAL 0

void *dlopen(const char *path, int flags);
void *dlsym(void *library, const char *name);
int dlclose(void *library);
const char *dlerror(void);

#endif
