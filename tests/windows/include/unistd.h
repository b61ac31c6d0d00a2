/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_WINDOWS_INCLUDE_UNISTD_H
#define TESTS_WINDOWS_INCLUDE_UNISTD_H

#pragma GCC system_header

#include_next <unistd.h>

/* all that setenv() and unsetenv() change, too */
#undef environ
#define environ windows_environ()
char **windows_environ(void);

#define _SC_PAGESIZE 30
long sysconf(int name); /* _SC_PAGESIZE alone */

#endif
