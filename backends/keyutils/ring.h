/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_KEYUTILS_RING_H
#define BACKENDS_KEYUTILS_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Before keyutils.h, which needs its types. */
#include <sys/types.h>

#include <keyutils.h>

#include "store/err.h"
#include "store/secret.h"

/* Our keyring, and the turn to write to it. Logs failures, with the remedy. */

/* The beginning of the description of a secret's key. */
#define RING_KEY_PREFIX "sideseat:"

struct ring {
    const char *name;
    _Atomic int64_t refreshed_ns; /* when its time to live was last restarted; 0: never */
};

/* The serial number of the keyring; NOT_FOUND if there is none and the caller does not want one
 * made. Each request for the persistent keyring restarts its time to live (persistent-keyring(7));
 * this makes one a second while in use. */
enum store_err ring_find(struct ring *ring, bool make, key_serial_t *out) STORE_CHECKED;

/* True, after a pause, if `errno` says that the quota is used up and a little patience may help:
 * the kernel frees quota some time after a key is gone. `tries` begins at 0, or below for a longer
 * wait. */
bool ring_wait_for_room(int *tries);

/* Makes a key outside of our keyring, with the owner's rights only. FULL when the quota is used up;
 * not logged if `optional`. */
enum store_err ring_make_key(const char *description, const struct store_secret *value,
                             bool optional, key_serial_t *out) STORE_CHECKED;

/* Puts the key that ring_make_key made into the keyring, in place of `old`, which has the same
 * description: a search finds one of the two. With `old` 0 there must be none, else CONFLICT; a
 * dead one is removed. Drops the key if that fails. */
enum store_err ring_put(key_serial_t ring, key_serial_t key, key_serial_t old) STORE_CHECKED;

/* Drops an unused key. */
void ring_drop_key(key_serial_t key);

/*
 * The turn among all processes of the user: a key of that name in the keyring, moved there by the
 * one operation of the kernel that fails if there is one already (KEYCTL_MOVE_EXCL, since Linux
 * 5.3). The turn of a dead owner is removed, or expires soon. Waits until `deadline_ns`, then
 * TIMEOUT.
 */
enum store_err ring_turn_acquire(key_serial_t ring, int64_t deadline_ns,
                                 key_serial_t *out) STORE_CHECKED;
void ring_turn_release(key_serial_t ring, key_serial_t turn);

/* Calls `each` with every key of the keyring, with the description of a user key, else "", also for
 * a revoked key that no other replaces. An error of `each` ends it and is returned. TIMEOUT, before
 * any call, if other processes keep replacing keys. */
#define RING_DESCRIPTION_SIZE 512
typedef enum store_err ring_each_fn(void *arg, key_serial_t key, const char *description);
enum store_err ring_each(key_serial_t ring, ring_each_fn *each, void *arg) STORE_CHECKED;

/* The error for errno, logged as the failure of `action`. */
enum store_err ring_failed(const char *action);

#endif
