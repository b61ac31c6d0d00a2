/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/module/object/object_fixture.h"

#include "store/time.h"

struct object_table table;
int64_t now;

int with_table(void **state)
{
    (void)state;
    memset(&table, 0, sizeof table);
    object_table_init(&table, 1);
    now = store_time_monotonic();
    return 0;
}

int without_table(void **state)
{
    (void)state;
    object_table_free(&table);
    return 0;
}

CK_OBJECT_HANDLE found_at(const char *key, const char *value, int64_t asked_ns, int64_t began_ns,
                          const struct listing *listing)
{
    AUTO_RECORD record = {.version = "1"};
    const struct object_found what = {
        .kind = OBJECT_SECRET,
        .key = key,
        .record = value == NULL ? NULL : &record,
        .has_value = value != NULL,
        .asked_ns = asked_ns,
        .began_ns = began_ns,
        .listing = listing == NULL ? 0 : listing->id,
    };

    if (value != NULL) {
        assert_int_equal(store_secret_set(&record.value, value, strlen(value)), STORE_OK);
        memcpy(record.version, value, strlen(value) + 1);
    }
    return object_upsert(&table, &what);
}
