/* SPDX-License-Identifier: Apache-2.0 */
#include "stored.h"

#include <string.h>

#include "measure.h"

void stored_setting(struct store_conf_set *set, const char *path, const char *value)
{
    if (store_conf_put(set, path, value, strlen(value), "bench") != STORE_OK)
        measure_fail("cannot set %s", path);
}

int64_t stored_read_time(const struct store *store, const char *key)
{
    AUTO_RECORD record = {0};
    int64_t start = measure_now();

    if (store->backend->read(store->ctx, key, &record) != STORE_OK)
        measure_fail("a read failed");
    return measure_now() - start;
}
