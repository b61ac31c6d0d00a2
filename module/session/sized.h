/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_SESSION_SIZED_H
#define MODULE_SESSION_SIZED_H

#include <stdbool.h>
#include <stdint.h>

#include "module/cryptoki.h"
#include "store/backend.h"
#include "store/time.h"

/*
 * The records whose length a session has asked for but not read yet: the read that follows gets
 * exactly the sized record, whatever has become of the object. Each session has its own, so other
 * objects and sessions do not interfere. The session is locked.
 */
struct sized_one;

struct sized {
    struct sized_one *first; /* the oldest, usually the next to be read */
    struct sized_one *last;
};

/* The time that a sized value waits for its read. */
#define SIZED_NS (60 * STORE_TIME_S)

/* Keeps a reference to the record, which holds the parts that `need` (enum object_need) names,
 * and drops an older one of the same object. False if memory is short. */
bool sized_keep(struct sized *sized, CK_OBJECT_HANDLE object, unsigned need,
                const struct store_record *record);

/* Gives the object's sized record, if it holds all parts that `need` names. */
bool sized_find(const struct sized *sized, CK_OBJECT_HANDLE object, unsigned need,
                struct store_record *out);

/* Drop the sized record of one object, or all. */
void sized_drop(struct sized *sized, CK_OBJECT_HANDLE object);
void sized_clear(struct sized *sized);

#endif
