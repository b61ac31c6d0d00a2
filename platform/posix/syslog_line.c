/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/syslog_line.h"

#include <stdio.h>
#include <unistd.h>

size_t syslog_line(char *out, size_t size, int priority, const char *text)
{
    int len = snprintf(out, size, "<%d>sideseat-pkcs11[%ld]: %s", priority, (long)getpid(), text);

    return len < 0 ? 0 : (size_t)len < size ? (size_t)len : size - 1;
}
