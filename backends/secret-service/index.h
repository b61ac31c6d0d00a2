/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_SECRET_SERVICE_INDEX_H
#define BACKENDS_SECRET_SERVICE_INDEX_H

#include <gio/gio.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * The keys of the items. The protocol has no call for the attributes of many items, so the first
 * listing asks for those of each (many questions at once); later ones ask only about items that are
 * new or that the service reports as changed (the signals ItemChanged, ItemDeleted and
 * PropertiesChanged). Only listings rely on this: a read always asks the service, and takes from
 * here only a guess at its item.
 *
 * Threads: any.
 */
struct index;

struct index *index_new(void);
void index_free(struct index *index); /* accepts NULL */

/* To be called with every incoming message, in order. */
void index_observe(struct index *index, GDBusMessage *message);

/* The count of changes so far; read it before the questions and pass it to index_put. */
uint64_t index_changes(struct index *index);

/* Remembers that the item at `path` has the key `key` (NULL: not a scope key), unless anything has
 * changed since `changes`. */
void index_put(struct index *index, uint64_t changes, const char *path, const char *key);

/* True if the item at `path` is known; the caller then g_free's `key` (NULL: none). */
bool index_find(struct index *index, const char *path, char **key);

/* The item that `key` was last read from, for the caller to g_free; NULL: none. It may have another
 * key by now, or be gone. */
char *index_guess(struct index *index, const char *key);

/* Remembers it; forgets it with `path` NULL. */
void index_set_guess(struct index *index, const char *key, const char *path);

/* True for the first caller, who then asks the bus for the signals. */
bool index_begin(struct index *index);

#endif
