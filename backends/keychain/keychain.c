/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/keychain/keychain.h"

#include "backends/secitem/secitem.h"

static enum store_err keychain_open(struct store_ctx **out, const struct store_conf *conf)
{
    return secitem_open(out, conf, ITEM_LOGIN);
}

const struct store_backend keychain_backend = SECITEM_BACKEND(keychain_open);
