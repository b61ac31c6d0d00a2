/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/syslog_line.h"

#include <stdio.h>
#include <unistd.h>

size_t syslog_line(char *out, size_t size, int priority, time_t now, const char *text)
{
    static const char months[] =
        "JanFebMarAprMayJunJulAugSepOctNovDec"; /* not strftime, which follows the locale */
    struct tm tm = {0};
    int len;

    (void)localtime_r(&now, &tm);
    len = snprintf(out, size, "<%d>%.3s %2d %02d:%02d:%02d sideseat-pkcs11[%ld]: %s", priority,
                   &months[3 * (tm.tm_mon % 12)], tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
                   (long)getpid(), text);
    return len < 0 ? 0 : (size_t)len < size ? (size_t)len : size - 1;
}
