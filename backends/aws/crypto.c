/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/aws/crypto.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "platform/system.h"
#include "store/log.h"

void aws_hex(const unsigned char *bytes, size_t len, char *out)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < len; i++) {
        *out++ = digits[bytes[i] >> 4];
        *out++ = digits[bytes[i] & 15];
    }
    *out = '\0';
}

enum store_err aws_uuid(char out[AWS_UUID_SIZE])
{
    unsigned char bytes[16];
    char hex[33];

    if (platform_random(bytes, sizeof bytes, true) != (ssize_t)sizeof bytes) {
        store_log(STORE_LOG_ERROR, "aws: the kernel returns no random bytes: %s", strerror(errno));
        return STORE_FAILED;
    }
    bytes[6] = (unsigned char)((bytes[6] & 0x0f) | 0x40);
    bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80);
    aws_hex(bytes, sizeof bytes, hex);
    (void)snprintf(out, AWS_UUID_SIZE, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12,
                   hex + 16, hex + 20);
    return STORE_OK;
}
