/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/vault/context.h"

#include "store/time.h"

int64_t vault_deadline(const struct store_ctx *ctx)
{
    return store_time_monotonic() + store_conf_number(ctx->conf, "timeout_ms") * STORE_TIME_MS;
}
