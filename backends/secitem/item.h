/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_SECITEM_ITEM_H
#define BACKENDS_SECITEM_ITEM_H

#include "backends/secitem/status.h"

/*
 * Generic passwords of macOS, by the four functions SecItemAdd, SecItemCopyMatching, SecItemUpdate
 * and SecItemDelete. An item is named by its keychain, service and account; the attribute "generic"
 * holds the revision, a random text that each write renews. Nothing of CoreFoundation outlives a
 * call.
 *
 * Threads: any. Never called in a forked child.
 */

enum item_keychain {
    ITEM_LOGIN,           /* the file-based keychains, of which the login keychain is the default */
    ITEM_DATA_PROTECTION, /* needs an entitlement of the program */
};

/* The place of items, and the way to use it. */
struct item_place {
    const char *backend; /* for the log */
    const char *service;
    enum item_keychain keychain;
    bool prompts;                         /* the system may ask the user */
    bool (*expected)(enum store_err err); /* true for errors that are not logged; NULL: none is */
    struct store_health *health;          /* gets the errors in place of the log; may be NULL */
};

#define ITEM_REVISION_SIZE 64

struct item {
    int64_t created_ns; /* 0: not known */
    int64_t modified_ns;
    char revision[ITEM_REVISION_SIZE]; /* "" if another program made the item */
};

/* Fills in the record's times and version. */
void item_describe(const struct item *item, struct store_record *out);

/* Each returns an error of status.h, logged as the place says. */

/* Finds an item; its value goes to `value` unless that is NULL (then no access control of the item
 * is asked). CORRUPT for an empty value. */
enum store_err item_find(const struct item_place *place, const char *account, struct item *out,
                         struct store_secret *value) STORE_CHECKED;

/* Calls `each` for every item of the place, without values. `account` is NULL if it is not UTF-8
 * text of at most STORE_KEY_MAX bytes. An error of `each` ends it and is returned. */
typedef enum store_err item_each_fn(void *arg, const char *account, const struct item *item);
enum store_err item_each(const struct item_place *place, item_each_fn *each,
                         void *arg) STORE_CHECKED;

/* Adds an item with a new revision; CONFLICT if it exists. */
enum store_err item_add(const struct item_place *place, const char *account,
                        const struct store_secret *value) STORE_CHECKED;

/* Replaces an item's value and revision in one step, and keeps the rest. */
enum store_err item_update(const struct item_place *place, const char *account,
                           const struct store_secret *value) STORE_CHECKED;

enum store_err item_remove(const struct item_place *place, const char *account) STORE_CHECKED;

#endif
