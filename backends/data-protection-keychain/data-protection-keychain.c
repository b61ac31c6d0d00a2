/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/data-protection-keychain/data-protection-keychain.h"

#include "backends/secitem/secitem.h"

static enum store_err data_protection_keychain_open(struct store_ctx **out,
                                                    const struct store_conf *conf)
{
    return secitem_open(out, conf, ITEM_DATA_PROTECTION);
}

const struct store_backend data_protection_keychain_backend =
    SECITEM_BACKEND(data_protection_keychain_open);
