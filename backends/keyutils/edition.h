/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_KEYUTILS_EDITION_H
#define BACKENDS_KEYUTILS_EDITION_H

#include "backends/keyutils/ring.h"

/*
 * The edition of a key counts the replacements of its value in place, which happen when the quota
 * has no room for a second key. One small key in our keyring, "sideseat editions", has the counts
 * of all keys. A count is odd during a write, and a version with an odd count never becomes current
 * again. So a reader that asked for the version first never has a current version with an older
 * value, even if the writer dies.
 *
 * All but edition_read need the turn to write.
 */

/* The edition of `key`; 0 if its value was never replaced in place. */
enum store_err edition_read(key_serial_t ring, key_serial_t key, uint32_t *out) STORE_CHECKED;

/* Ends the write of a process that died in it: an odd count becomes even. */
enum store_err edition_settle(key_serial_t ring, key_serial_t key) STORE_CHECKED;

/* Replaces the value of `key`, which has the description, in place. A shorter value needs room for
 * the edition only; a longer one leaves the room of edition_hold. CONFLICT if the key has gone
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

/* Holds the room until it is dropped, while the value is being stored. A value for a new secret
 * leaves more room than one that replaces another. FULL; not logged if `optional`. */
enum store_err edition_hold(struct edition_room *room, key_serial_t ring, bool replaces,
                            bool optional) STORE_CHECKED;
void edition_drop_room(struct edition_room *room);

#endif
