/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_SIZED_H
#define MODULE_SIZED_H

#include <stdbool.h>
#include <stdint.h>

#include "module/cryptoki.h"
#include "store/backend.h"

/*
 * What a session has been told the length of, and not read yet: the read that follows gets just
 * that, whatever has become of the object. Each session has its own, so that neither another object
 * nor another session comes between. The session is locked.
 */
struct sized_one;

struct sized {
    struct sized_one *first; /* the oldest, which is the next to be read most often */
    struct sized_one *last;
};

/* How long after its length was told a value is kept for the read. */
#define SIZED_NS INT64_C(60000000000)

/* Keeps another reference to the record, which has what `need` (enum object_need) says; an older
 * one of the object is dropped. False if memory is short. */
bool sized_keep(struct sized *sized, CK_OBJECT_HANDLE object, unsigned need,
                const struct store_record *record);

/* Gives the record that is kept of the object, if it has all that `need` says. */
bool sized_find(const struct sized *sized, CK_OBJECT_HANDLE object, unsigned need,
                struct store_record *out);

/* Drops what is kept of one object, or of all. */
void sized_drop(struct sized *sized, CK_OBJECT_HANDLE object);
void sized_clear(struct sized *sized);

#endif
