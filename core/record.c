/* SPDX-License-Identifier: Apache-2.0 */
#include "store/backend.h"

#include <string.h>

void store_record_clear(struct store_record *record)
{
    store_secret_wipe(&record->value);
    record->created_ns = 0;
    record->updated_ns = 0;
    record->stale = false;
    record->audited = false;
    record->version[0] = '\0';
}

void store_record_share(struct store_record *out, const struct store_record *from)
{
    store_secret_share(&out->value, &from->value);
    out->created_ns = from->created_ns;
    out->updated_ns = from->updated_ns;
    out->stale = from->stale;
    out->audited = from->audited;
    memcpy(out->version, from->version, strlen(from->version) + 1);
}
