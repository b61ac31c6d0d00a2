/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_SYSLOG_LINE_H
#define PLATFORM_SYSLOG_LINE_H

#include <stddef.h>
#include <time.h>

/* Builds the datagram that syslog(3) would send for this process, cut short if necessary; returns
 * its length. `priority`: a facility and a level. */
size_t syslog_line(char *out, size_t size, int priority, time_t now, const char *text);

#endif
