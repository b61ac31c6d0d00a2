/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/stored.h"

#include <stdio.h>
#include <string.h>

#include "tests/bench/measure.h"

void stored_setting(struct store_conf_set *set, const char *path, const char *value)
{
    if (store_conf_put(set, path, value, strlen(value), "bench") != STORE_OK)
        measure_fail("cannot set %s", path);
}

void stored_key(size_t i, char key[64])
{
    snprintf(key, 64, "org/acme/key_%zu", i);
}

void stored_populate(const struct store *store, size_t count)
{
    AUTO_SECRET value = {0};
    char key[64];

    if (store_secret_set(&value, STORED_VALUE, strlen(STORED_VALUE)) != STORE_OK)
        measure_fail("no memory");
    for (size_t i = 0; i < count; i++) {
        stored_key(i, key);
        if (store->backend->write(store->ctx, key, &value, NULL, NULL) != STORE_OK)
            measure_fail("%s cannot be written", key);
    }
}

int64_t stored_read_time(const struct store *store, const char *key)
{
    AUTO_RECORD record = {0};
    int64_t start = measure_now();

    if (store->backend->read(store->ctx, key, &record) != STORE_OK)
        measure_fail("a read failed");
    return measure_now() - start;
}
