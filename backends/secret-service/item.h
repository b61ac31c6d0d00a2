/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SECRET_SERVICE_ITEM_H
#define SECRET_SERVICE_ITEM_H

#include <stddef.h>

#include "backends/secret-service/op.h"

/*
 * How a secret looks as an item (docs/secret-service.md), and how items are found.
 *
 * The version of a record is the item's two times and its attribute `revision`, a random text. The
 * times count only seconds, so a write that falls into the second of the one before renews the
 * revision: a version is never seen twice, and says nothing of the value.
 */
#define ITEM_SCHEMA "com.sideseat.Secret"

/* The reply to a read of all properties, taken apart. */
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

/* Whether the item has all attributes that an item of ours for `key` has, so that every listing
 * that should show it does. Another program's may not. */
bool item_is_complete(const struct item *item, const char *key);

/* The item's attributes with those of `key` and a new revision, floating a{ss}; what others have
 * added stays. */
GVariant *item_renewed(const struct item *item, const char *key);

/* A search's outcome: paths in the default collection. */
struct found {
    GPtrArray *paths;
    bool locked; /* there are some that are locked */
};

void found_clear(struct found *found);
#define AUTO_FOUND __attribute__((cleanup(found_clear))) struct found

struct bus_call found_call(struct op *op, GVariant *attributes);
enum store_err found_parse(struct op *op, GVariant *reply, struct found *out) STORE_CHECKED;

/* Finds the default collection and in it the items with `attributes`. LOCKED (logged) if it is
 * locked and nothing was found in it that is not. */
enum store_err found_search(struct op *op, GVariant *attributes, struct found *out) STORE_CHECKED;

/* Warns, the first time, that there are several items for one key. */
void found_warn(struct op *op);

/* As found_search, for reads: while it is there, a secret is found with the default collection of a
 * second ago; only that it is not there takes another look-up. */
enum store_err found_search_quickly(struct op *op, GVariant *attributes,
                                    struct found *out) STORE_CHECKED;

/* The item of `found` (which has one or more) that counts, among items with the same key the one
 * that was changed last: its path, and what it is. */
enum store_err found_newest(struct op *op, const struct found *found, const char **path,
                            struct item *out) STORE_CHECKED;

#endif
