/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_SECITEM_SECITEM_H
#define BACKENDS_SECITEM_SECITEM_H

#include <stdatomic.h>

#include "backends/secitem/item.h"

/*
 * The keychains of macOS as a store: the two backends differ only in the keychain. A secret is a
 * generic password whose account is the key (docs/macos.md).
 *
 * SecItem has no compare-and-set, so writers take turns by a lock on the file `keychain.lock` in
 * the data folder. It has no deadline either: nothing here asks the user outside of a login, and an
 * answer is as quick as the system's keychain service.
 */

/* Whether the Data Protection Keychain, chosen by the platform, may give way to the login one. */
enum secitem_choice {
    SECITEM_FINAL,
    SECITEM_OPEN, /* no call has shown yet if this program has the entitlement */
};

struct store_ctx {
    const struct store_conf *conf;
    const char *backend;
    char *lock_path;      /* NULL: the user has no data folder */
    _Atomic int keychain; /* enum item_keychain */
    _Atomic int choice;   /* enum secitem_choice */
    atomic_bool imported; /* nothing is left to import */
};

/* For `open` of the two backends. */
enum store_err secitem_open(struct store_ctx **out, const struct store_conf *conf,
                            enum item_keychain keychain) STORE_CHECKED;

/* The other members of struct store_backend. */
void secitem_close(struct store_ctx *ctx);
enum store_err secitem_read(struct store_ctx *ctx, const char *key, struct store_record *out);
enum store_err secitem_list(struct store_ctx *ctx, const char *prefix, uint64_t *generation,
                            store_each_fn *each, void *arg);
enum store_err secitem_write(struct store_ctx *ctx, const char *key,
                             const struct store_secret *value, const char *if_version,
                             struct store_record *out);
enum store_err secitem_remove(struct store_ctx *ctx, const char *key, const char *if_version);
enum store_err secitem_login(struct store_ctx *ctx, const struct store_secret *pin);
enum store_err secitem_lock(struct store_ctx *ctx);
void secitem_health(struct store_ctx *ctx, struct store_health *out);

#define SECITEM_BACKEND(open_function)                                                             \
    {                                                                                              \
        .open = (open_function), .close = secitem_close, .read = secitem_read,                     \
        .list = secitem_list, .write = secitem_write, .remove = secitem_remove,                    \
        .login = secitem_login, .lock = secitem_lock, .health = secitem_health,                    \
    }

#endif
