/* SPDX-License-Identifier: Apache-2.0 */
#include "module/ckr.h"
#include "module/entry/entry.h"
#include "store/log.h"

void entry_failed(const char *function, CK_RV rv)
{
    if (store_log_enabled(STORE_LOG_DEBUG))
        store_log(STORE_LOG_DEBUG, "pkcs11: %s: 0x%lx %s", function, rv, ckr_name(rv));
}
