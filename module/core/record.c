/* SPDX-License-Identifier: Apache-2.0 */
#include "store/backend.h"

void store_record_clear(struct store_record *record)
{
    store_secret_wipe(&record->value);
    *record = (struct store_record){0};
}

void store_record_share(struct store_record *out, const struct store_record *from)
{
    struct store_secret value = {0};

    store_secret_share(&value, &from->value);
    store_secret_wipe(&out->value);
    *out = *from;
    out->value = value;
}
