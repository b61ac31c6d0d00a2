/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/keyutils/edition.h"

#include <errno.h>
#include <stdlib.h>

#include "store/log.h"

#define TABLE_DESCRIPTION "sideseat editions"

/* The room for the turn and the key with the editions, and some to spare. A value that replaces
 * another leaves less room, so that a few bytes of a process's own keyrings do not decide if it
 * fits. */
#define ROOM_AT_REPLACE 256
#define ROOM_AT_CREATE 1024

/* The kernel's limit for the payload of a user key, in entries. */
#define ENTRIES_MAX (32767 / sizeof(struct entry))

struct entry {
    key_serial_t key;
    uint32_t count;
};

struct table {
    key_serial_t serial; /* 0: there is none */
    size_t count;
    struct entry *entries; /* with room for one more entry */
};

static void table_clear(struct table *table)
{
    free(table->entries);
    *table = (struct table){0};
}

#define AUTO_TABLE __attribute__((cleanup(table_clear))) struct table

/* Reads the payload of `key` into memory with room for one more entry; `len` gets its bytes. */
static enum store_err read_entries(key_serial_t key, struct entry **out, size_t *len)
{
    long got = keyctl_read(key, NULL, 0);
    long size;

    do {
        size = got;
        free(*out);
        *out = size < 0 ? NULL : malloc((size_t)size + sizeof **out);
        if (size >= 0 && *out == NULL)
            return STORE_NO_MEMORY;
        if (size > 0)
            got = keyctl_read(key, (char *)*out, (size_t)size);
    } while (got > size);
    *len = got < 0 ? 0 : (size_t)got;
    return got < 0 ? ring_failed("read the editions") : STORE_OK;
}

static enum store_err table_read(key_serial_t ring, struct table *out)
{
    long found = keyctl_search(ring, "user", TABLE_DESCRIPTION, 0);
    enum store_err err = found < 0 ? ring_failed("search the keyring") : STORE_OK;
    size_t len = 0;

    if (err == STORE_OK)
        err = read_entries((key_serial_t)found, &out->entries, &len);
    if (err == STORE_NOT_FOUND) { /* there is none, or another process has just removed it */
        free(out->entries);
        out->entries = malloc(sizeof *out->entries);
        return out->entries == NULL ? STORE_NO_MEMORY : STORE_OK;
    }
    TRY(err);
    out->serial = (key_serial_t)found;
    out->count = len / sizeof *out->entries;
    return STORE_OK;
}

static struct entry *table_find(const struct table *table, key_serial_t key)
{
    for (size_t i = 0; i < table->count; i++)
        if (table->entries[i].key == key)
            return &table->entries[i];
    return NULL;
}

enum store_err edition_read(key_serial_t ring, key_serial_t key, uint32_t *out)
{
    AUTO_TABLE table = {0};
    const struct entry *entry;

    TRY(table_read(ring, &table));
    entry = table_find(&table, key);
    *out = entry == NULL ? 0 : entry->count;
    return STORE_OK;
}

static struct store_secret payload_of(const struct table *table)
{
    return (struct store_secret){.data = (const unsigned char *)table->entries,
                                 .len = table->count * sizeof *table->entries};
}

/* Replaces the payload of the key with the description `description` in the keyring. add_key(2)
 * does that for payloads of any size, keyctl_update(3) only up to a page. CONFLICT if `key`, which
 * had that description, is gone. */
static enum store_err update(key_serial_t ring, const char *description, key_serial_t key,
                             const struct store_secret *payload)
{
    key_serial_t now;
    int tries = 0;

    do
        now = add_key("user", description, payload->data, payload->len, ring);
    while (now < 0 && ring_wait_for_room(&tries));
    if (now < 0)
        return ring_failed("replace a key's value in place");
    if (now == key)
        return STORE_OK;
    (void)keyctl_unlink(now, ring);
    (void)keyctl_revoke(now);
    return STORE_CONFLICT;
}

static enum store_err table_write(key_serial_t ring, struct table *table)
{
    struct store_secret payload = payload_of(table);

    if (table->serial != 0)
        return update(ring, TABLE_DESCRIPTION, table->serial, &payload);
    TRY(ring_make_key(TABLE_DESCRIPTION, &payload, false, &table->serial));
    return ring_put(ring, table->serial, 0);
}

static enum store_err set_count(key_serial_t ring, struct table *table, key_serial_t key,
                                uint32_t count)
{
    table_find(table, key)->count = count;
    return table_write(ring, table);
}

enum store_err edition_settle(key_serial_t ring, key_serial_t key)
{
    AUTO_TABLE table = {0};
    const struct entry *entry;

    TRY(table_read(ring, &table));
    entry = table_find(&table, key);
    return entry == NULL || entry->count % 2 == 0 ? STORE_OK
                                                  : set_count(ring, &table, key, entry->count + 1);
}

/* Drops the entries of keys that are gone. */
static void table_prune(struct table *table)
{
    size_t kept = 0;

    for (size_t i = 0; i < table->count; i++)
        if (keyctl_describe(table->entries[i].key, NULL, 0) >= 0)
            table->entries[kept++] = table->entries[i];
    table->count = kept;
}

/* Adds an entry for the key if it lacks one: this write needs it to count. */
static enum store_err table_add(key_serial_t ring, struct table *table, key_serial_t key)
{
    if (table_find(table, key) != NULL)
        return STORE_OK;
    table_prune(table);
    if (table->count >= ENTRIES_MAX) {
        store_log(STORE_LOG_ERROR,
                  "keyutils: %zu values were replaced in place, and more cannot be counted; delete "
                  "keys, or have root raise maxkeys and maxbytes in /proc/sys/kernel/keys",
                  table->count);
        return STORE_FULL;
    }
    table->entries[table->count++] = (struct entry){.key = key};
    return table_write(ring, table);
}

/* Replaces the value of the key, which has `len` bytes. */
static enum store_err update_value(key_serial_t ring, const char *description, key_serial_t key,
                                   const struct store_secret *value)
{
    struct edition_room room = {0};
    long len = keyctl_read(key, NULL, 0);
    enum store_err err;

    if (len < 0)
        return errno == ENOKEY || errno == EKEYREVOKED ? STORE_CONFLICT : ring_failed("read a key");
    if ((size_t)len < value->len)
        TRY(edition_hold(&room, ring, true, false));
    err = update(ring, description, key, value);
    edition_drop_room(&room);
    return err;
}

enum store_err edition_replace(key_serial_t ring, const char *description, key_serial_t key,
                               const struct store_secret *value)
{
    AUTO_TABLE table = {0};
    enum store_err err;
    uint32_t before;

    TRY(table_read(ring, &table));
    TRY(table_add(ring, &table, key));
    before = table_find(&table, key)->count;
    TRY(set_count(ring, &table, key, before | 1));
    err = update_value(ring, description, key, value);
    if (err == STORE_OK) /* a failure leaves it odd, for the next writer to settle */
        (void)!set_count(ring, &table, key, (before | 1) + 1);
    else
        (void)!set_count(ring, &table, key, before);
    return err;
}

/* The most keys of the keyring that may lack an entry. */
static enum store_err count_missing(key_serial_t ring, const struct table *table, size_t *out)
{
    long size = keyctl_read(ring, NULL, 0);
    size_t keys = size < 0 ? 0 : (size_t)size / sizeof(key_serial_t);

    *out = keys > table->count ? keys - table->count : 0;
    return size < 0 ? ring_failed("read the keyring") : STORE_OK;
}

enum store_err edition_hold(struct edition_room *room, key_serial_t ring, bool replaces,
                            bool optional)
{
    AUTO_TABLE table = {0};
    AUTO_SECRET bytes = {0};
    size_t len = replaces ? ROOM_AT_REPLACE : ROOM_AT_CREATE;
    unsigned char *data;
    size_t missing;
    enum store_err err;

    TRY(table_read(ring, &table));
    TRY(count_missing(ring, &table, &missing));
    len += (missing < ENTRIES_MAX ? missing : ENTRIES_MAX) * sizeof(struct entry);
    /* the kernel would refuse more for one key */
    TRY(store_secret_resize(&bytes, len < 32767 ? len : 32767, &data));
    err = ring_make_key("sideseat reserve", &bytes, optional, &room->keys[0]);
    if (err == STORE_OK && table.serial == 0) { /* the number of keys is limited, too */
        bytes.len = 1;
        err = ring_make_key("sideseat reserve of a key", &bytes, optional, &room->keys[1]);
    }
    if (err != STORE_OK)
        edition_drop_room(room);
    return err;
}

void edition_drop_room(struct edition_room *room)
{
    for (int i = 0; i < 2; i++)
        if (room->keys[i] != 0)
            ring_drop_key(room->keys[i]);
    *room = (struct edition_room){0};
}
