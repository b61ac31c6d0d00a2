/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "module/object.h"

static void drop_version(struct object_record *record)
{
    if (record->version != record->version_room)
        free(record->version);
    record->version = record->version_room;
    record->version[0] = '\0';
}

bool object_record_take(struct object_record *record, const struct store_record *from)
{
    size_t size = strlen(from->version) + 1;
    char *version = size <= sizeof record->version_room ? record->version_room : malloc(size);

    if (version == NULL)
        return false;
    drop_version(record);
    record->version = memcpy(version, from->version, size);
    store_secret_share(&record->value, &from->value);
    record->created_ns = from->created_ns;
    record->updated_ns = from->updated_ns;
    record->stale = from->stale;
    return true;
}

void object_record_give(const struct object_record *record, struct store_record *out)
{
    store_secret_share(&out->value, &record->value);
    out->created_ns = record->created_ns;
    out->updated_ns = record->updated_ns;
    out->stale = record->stale;
    memcpy(out->version, record->version, strlen(record->version) + 1);
}

void object_record_clear(struct object_record *record)
{
    store_secret_wipe(&record->value);
    record->created_ns = 0;
    record->updated_ns = 0;
    record->stale = false;
    drop_version(record);
}
