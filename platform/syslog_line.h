/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_SYSLOG_LINE_H
#define PLATFORM_SYSLOG_LINE_H

#include <stddef.h>

/* Builds the datagram that syslog(3) would send for this process, cut short if necessary, but
 * without a time, which the daemon adds (RFC 3164, section 4.3.3): the local time takes a lock that
 * a forked child may find taken for good. Returns its length. `priority`: a facility and a level.
 */
size_t syslog_line(char *out, size_t size, int priority, const char *text);

#endif
