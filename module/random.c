/* SPDX-License-Identifier: Apache-2.0 */
#include "module/random.h"

#include <errno.h>
#include <string.h>

#include "platform/system.h"
#include "store/log.h"

CK_RV random_fill(unsigned char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t got = platform_random(bytes, len, false);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            store_log(STORE_LOG_ERROR, "pkcs11: cannot get random numbers from the kernel: %s",
                      got < 0 ? strerror(errno) : "end of file");
            return CKR_FUNCTION_FAILED;
        }
        bytes += got;
        len -= (size_t)got;
    }
    return CKR_OK;
}
