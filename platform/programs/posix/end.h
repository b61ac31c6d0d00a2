/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_PROGRAMS_POSIX_END_H
#define PLATFORM_PROGRAMS_POSIX_END_H

/* A descriptor that is readable once SIGTERM or SIGINT has come, which from now on do not end this
 * process; -1 without one. Call it before other threads start. */
int end_watch(void);

#endif
