/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYUTILS_RING_H
#define KEYUTILS_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Before keyutils.h, which needs its types. */
#include <sys/types.h>

#include <keyutils.h>

#include "store/err.h"
#include "store/secret.h"

/* Our keyring, and the turn to write to it. Failures are logged here, with what to do. */

/* What the description of a secret's key starts with. */
#define RING_KEY_PREFIX "sideseat:"

struct ring {
    const char *name;
    _Atomic int64_t refreshed_ns; /* when its time to live was last begun anew; 0: never */
};

/* The serial number of the keyring; NOT_FOUND if there is none, unless it is to be made. Its time
 * to live begins anew each time the persistent keyring is asked for (persistent-keyring(7)), which
 * is done once a second of use. */
enum store_err ring_find(struct ring *ring, bool make, key_serial_t *out) STORE_CHECKED;

/* True, after a pause, if `errno` says that the quota is used up and a little patience may help:
 * the kernel gives quota back some time after a key is gone. `tries` begins at 0, or below for more
 * of it. */
bool ring_wait_for_room(int *tries);

/* Makes a key that is in no keyring of ours yet, with the owner's rights only. FULL, which is not
 * logged if the caller can do without (`optional`), when the quota is used up. */
enum store_err ring_make_key(const char *description, const struct store_secret *value,
                             bool optional, key_serial_t *out) STORE_CHECKED;

/* Puts the key that ring_make_key made into the keyring, in place of `old`, which has the same
 * description: whoever searches meets one of the two. With `old` 0 there must be none, else
 * CONFLICT. The key is dropped if that fails. */
enum store_err ring_put(key_serial_t ring, key_serial_t key, key_serial_t old) STORE_CHECKED;

/* Drops a key that is not going to be used. */
void ring_drop_key(key_serial_t key);

/*
 * The turn among all processes of the user: a key of that name in the keyring, put there by the
 * one operation of the kernel that fails if there is one already (KEYCTL_MOVE_EXCL, since Linux
 * 5.3). One whose owner has died is removed, or expires soon. Waits until `deadline_ns`,
 * then TIMEOUT.
 */
enum store_err ring_turn_acquire(key_serial_t ring, int64_t deadline_ns,
                                 key_serial_t *out) STORE_CHECKED;
void ring_turn_release(key_serial_t ring, key_serial_t turn);

/* Calls `each` with every key of the keyring, with the description of a user key, else "". An error
 * of `each` ends it and is returned. */
#define RING_DESCRIPTION_SIZE 512
typedef enum store_err ring_each_fn(void *arg, key_serial_t key, const char *description);
enum store_err ring_each(key_serial_t ring, ring_each_fn *each, void *arg) STORE_CHECKED;

/* How much of what the kernel lets this user keep is used, as "150 of 200 keys and 19000 of 20000
 * bytes" (/proc/key-users, keyrings(7)). */
void ring_quota(char *out, size_t size);

/* What errno says, logged as the failure of `action`. */
enum store_err ring_failed(const char *action);

#endif
