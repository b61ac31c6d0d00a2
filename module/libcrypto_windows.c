/* SPDX-License-Identifier: Apache-2.0 */
#include "module/libcrypto.h"

#include "store/log.h"

/* Key pairs alone need it, and conf/ refuses their settings on Windows. */
bool libcrypto_find(const char *const *names, void **functions, size_t count)
{
    (void)names;
    (void)functions;
    (void)count;
    store_log(STORE_LOG_ERROR, "pkcs11: this build has no libcrypto");
    return false;
}
