/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_SECRET_SERVICE_ITEM_H
#define BACKENDS_SECRET_SERVICE_ITEM_H

#include <stddef.h>

#include "backends/secret-service/op.h"

/*
 * The form of a secret as an item (docs/secret-service.md), and the search for items.
 *
 * The version of a record is the item's two times and its attribute `revision`, a random text. The
 * times count only seconds, so a write in the same second as the one before renews the revision: a
 * version never repeats and reveals nothing of the value.
 */
#define ITEM_SCHEMA "com.sideseat.Secret"

/* The reply to a read of all properties, parsed. */
struct item {
    GVariant *attributes; /* a{ss} */
    int64_t created_s;
    int64_t modified_s;
    bool locked;
};

void item_clear(struct item *item);
#define AUTO_ITEM __attribute__((cleanup(item_clear))) struct item

/* CORRUPT (logged) if the properties are not those of an item. */
enum store_err item_parse(struct op *op, GVariant *reply, struct item *out) STORE_CHECKED;

/* Fills in times and version; the value stays as it is. */
void item_describe(const struct item *item, struct store_record *out);

/* Attributes for a search, floating a{ss}: those of the item for `key`; of all items whose key
 * starts with `prefix`. */
GVariant *item_of_key(const char *key);
GVariant *item_of_prefix(const char *prefix);

/* The properties of a new item for `key`, floating a{sv}. */
GVariant *item_new(const char *key);

/* True if the item has all attributes of an item of ours for `key`, so that listings show it.
 * Another program's item may lack some. */
bool item_is_complete(const struct item *item, const char *key);

/* The item's attributes with those of `key` and a new revision, floating a{ss}; attributes of other
 * programs stay. */
GVariant *item_renewed(const struct item *item, const char *key);

/* The result of a search: paths in the default collection. */
struct found {
    GPtrArray *paths;
    bool locked; /* some of the items are locked */
};

void found_clear(struct found *found);
#define AUTO_FOUND __attribute__((cleanup(found_clear))) struct found

struct bus_call found_call(struct op *op, GVariant *attributes);
enum store_err found_parse(struct op *op, GVariant *reply, struct found *out) STORE_CHECKED;

/* Finds the default collection and in it the items with `attributes`. LOCKED (logged) if it is
 * locked and no unlocked item was found in it. */
enum store_err found_search(struct op *op, GVariant *attributes, struct found *out) STORE_CHECKED;

/* Warns, the first time, that there are several items for one key. */
void found_warn(struct op *op);

/* As found_search, for reads: an existing secret is found with the default collection of the last
 * second; only a missing one takes another look-up of the collection. */
enum store_err found_search_quickly(struct op *op, GVariant *attributes,
                                    struct found *out) STORE_CHECKED;

/* Picks the item of `found` (which has one or more) that counts, of items with the same key the one
 * that was changed last: its path and its properties. */
enum store_err found_newest(struct op *op, const struct found *found, const char **path,
                            struct item *out) STORE_CHECKED;

#endif
