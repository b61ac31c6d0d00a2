/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYUTILS_EDITION_H
#define KEYUTILS_EDITION_H

#include "backends/keyutils/ring.h"

/*
 * The edition of a key counts how often its value was replaced in place, which is done where the
 * quota has no room for a second key. The counts of all keys stand in the payload of one small key
 * in our keyring, "sideseat editions". A count is odd during a write: a version with an odd count
 * is never a current one again, so a reader that asked for the version first never has a current
 * version with an older value, even if the writer dies.
 *
 * All but edition_read need the turn to write.
 */

/* The edition of `key`; 0 if its value was never replaced in place. */
enum store_err edition_read(key_serial_t ring, key_serial_t key, uint32_t *out) STORE_CHECKED;

/* Ends the write of a process that died in it: an odd count becomes even. */
enum store_err edition_settle(key_serial_t ring, key_serial_t key) STORE_CHECKED;

/* Replaces the value of `key`, which has the description, in place. A shorter value needs no room
 * but that of the edition; a longer one leaves what edition_hold keeps. CONFLICT if the key is gone
 * meanwhile. An error leaves the value and the edition as they are. */
enum store_err edition_replace(key_serial_t ring, const char *description, key_serial_t key,
                               const struct store_secret *value) STORE_CHECKED;

/*
 * Room in the quota that a new or longer value must leave, so that every value can be replaced
 * later: for the turn, and for the edition of each key that has none yet.
 */
struct edition_room {
    key_serial_t keys[2];
};

/* Takes the room until it is dropped, while the value is being stored. A value for a new secret
 * leaves more than one that replaces another. FULL, which is not logged if the caller can do
 * without (`optional`). */
enum store_err edition_hold(struct edition_room *room, key_serial_t ring, bool replaces,
                            bool optional) STORE_CHECKED;
void edition_drop_room(struct edition_room *room);

#endif
