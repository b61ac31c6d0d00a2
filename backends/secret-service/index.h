/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SECRET_SERVICE_INDEX_H
#define SECRET_SERVICE_INDEX_H

#include <gio/gio.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Which item has which key. The protocol has no call for the attributes of many items, so the first
 * listing asks for those of each (many questions at once); later ones ask only about items that are
 * new or of which the service has said that they changed (the signals ItemChanged, ItemDeleted and
 * PropertiesChanged). Only listings rely on this: a read always asks the service, and takes no more
 * from here than a guess at which item it will be.
 *
 * Threads: any.
 */
struct index;

struct index *index_new(void);
void index_free(struct index *index); /* accepts NULL */

/* To be called with every message that comes in, in the order in which they come. */
void index_observe(struct index *index, GDBusMessage *message);

/* Stands for what was known to have changed; taken before the questions, given to index_put. */
uint64_t index_changes(struct index *index);

/* Remembers that the item at `path` has the key `key` (NULL: none that is a scope key), unless
 * something has changed since `changes`. */
void index_put(struct index *index, uint64_t changes, const char *path, const char *key);

/* Whether the item at `path` is known; then `key` (NULL: none) is to be g_free'd. */
bool index_find(struct index *index, const char *path, char **key);

/* The item that `key` was last read from, to be g_free'd; NULL: none. Nothing says that it is still
 * that key's, or there. */
char *index_guess(struct index *index, const char *key);

/* Remembers it; forgets it with `path` NULL. */
void index_set_guess(struct index *index, const char *key, const char *path);

/* Whether this is the first call: then the caller asks the bus for the signals. */
bool index_begin(struct index *index);

#endif
