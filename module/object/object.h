/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_OBJECT_H
#define MODULE_OBJECT_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "module/cryptoki.h"
#include "module/object/session_attributes.h"
#include "store/backend.h"
#include "store/scope.h"
#include "store/secret.h"

struct listing;

/* What an object is. */
enum object_kind {
    OBJECT_SECRET,       /* CKO_DATA on the token: a secret of the store */
    OBJECT_KEY,          /* CKO_SECRET_KEY on the token: the same secret, for use without reading */
    OBJECT_STATUS,       /* CKO_SIDESEAT_STATUS */
    OBJECT_PROFILE,      /* CKO_PROFILE: what the token conforms to */
    OBJECT_SESSION_DATA, /* CKO_DATA of a session */
    OBJECT_SESSION_KEY,  /* CKO_SECRET_KEY of a session */
};

/* How long what a search or a read has found stands for what the store holds. Long enough for a
 * length query and the read after it, short enough that nobody works with a replaced value. */
#define OBJECT_SNAPSHOT_NS INT64_C(1000000000)

/* Longer keys have memory of their own. */
#define OBJECT_KEY_ROOM 40

/*
 * An object. Like a session's, its memory is reused but not freed before C_Finalize, and its
 * handle tells one use from the next. An object of the token keeps its handle as long as it is
 * there, however often it is found, until the user logs out.
 *
 * What it holds is for the next reader. A call works with references of its own
 * (module/object/object_view.h), which no other thread can take away.
 */
struct object {
    UT_hash_handle hh; /* in the index */
    char *key;         /* the scope key; NULL for a session object and a status */
    union {
        char key_room[OBJECT_KEY_ROOM]; /* where it is, if it fits */
        CK_OBJECT_HANDLE last_handle;   /* while free: for the next use */
    };
    _Atomic CK_OBJECT_HANDLE handle; /* 0 while free */

    enum object_kind kind;          /* the object's lock is for what follows */
    bool complete;                  /* the record has the value, */
    bool described;                 /* and all else that the store knows of the secret */
    bool listing_record;            /* the record came with the last listing */
    bool private;                   /* a session object that C_Logout ends */
    struct session_attributes *own; /* of a session object */
    int64_t asked_ns;  /* when the store was asked for the record: what is newer stays */
    int64_t seen_ns;   /* when the store was last asked, and had the secret, whatever it told */
    int64_t loaded_ns; /* when it answered; 0: never */

    /* OBJECT_SECRET and OBJECT_KEY as read from the store (a listing may leave the value out, a
     * bulk read the rest); the value alone for a session object. */
    struct store_record record;

    const char *encoding;    /* OBJECT_KEY: how the secret's value encodes the key */
    uint64_t listing;        /* the last listing that has it, 0 for none, */
    uint32_t listing_at;     /* and its place there */
    struct object *next;     /* in the free list, that of its session's objects, or of what ends */
    struct object *previous; /* of its session's objects; itself once it is in their list no more */
};

_Static_assert(sizeof(struct object) <= 384, "six cache lines");

/* Objects share locks. Never lock two objects: they may share one. Nor call a store with one
 * locked, so that another thread waits for an instant only. With this many, two threads at work on
 * two objects hardly ever meet. */
#define OBJECT_LOCKS 64

union object_mutex {
    pthread_mutex_t mutex;
    char line[64]; /* as long as one of the cache, so that threads seldom share one */
};

/* The objects by scope key, in shards by the key's hash, so that threads that look different keys
 * up seldom meet. A shard is locked before any object. */
#define OBJECT_SHARDS 16

struct object_shard {
    _Alignas(64) pthread_mutex_t lock;
    struct object *secrets;
    struct object *keys;
    int64_t dropped_ns; /* when something was last dropped here: older answers are not taken in */
    uint64_t listing;   /* the last listing that has something of this shard, */
    uint32_t listed;    /* and so many of its secrets */
};

struct object_index {
    struct object_shard shards[OBJECT_SHARDS];
};

/* The objects of one session. */
struct object_owner {
    UT_hash_handle hh; /* by session */
    CK_SESSION_HANDLE session;
    struct object *first;
};

/* The first chunk holds so many objects, each further one twice as many as the one before. */
#define OBJECT_CHUNK 256
#define OBJECT_CHUNKS 14

/* The objects of one token. */
struct object_table {
    CK_SLOT_ID slot;      /* part of each handle: those of two tokens differ */
    int64_t born_ns;      /* tells the session objects of two lives of the library apart */
    pthread_mutex_t lock; /* for allocation and the session objects; taken last */
    _Alignas(64) union object_mutex locks[OBJECT_LOCKS];       /* of the objects */
    _Alignas(64) struct object *_Atomic chunks[OBJECT_CHUNKS]; /* apart: each call reads them */
    _Atomic uint32_t used; /* places that were ever an object's */
    struct object *free;
    struct object_owner *owners;
    atomic_size_t session_object_count;
    struct object_index index;
    CK_OBJECT_HANDLE status; /* the status object, and the profile; under the first shard's lock */
    CK_OBJECT_HANDLE profile;
};

void object_table_init(struct object_table *table, CK_SLOT_ID slot);
void object_table_free(struct object_table *table);

/* The object, locked, until object_unlock; NULL if the handle is none. No call to a store is made
 * and no other object is locked while it is held. */
struct object *object_lock(struct object_table *table, CK_OBJECT_HANDLE handle);
void object_unlock(struct object_table *table, struct object *object);

/* Whether the handle is an object, without a lock. */
bool object_exists(struct object_table *table, CK_OBJECT_HANDLE handle);

/* Where an object of the token was found, and what with. */
struct object_found {
    enum object_kind kind; /* OBJECT_SECRET or OBJECT_KEY */
    const char *key;
    const char *encoding;              /* of an OBJECT_KEY */
    const struct store_record *record; /* NULL: the key only is known */
    bool complete;                     /* the record has the value, */
    bool described;                    /* and all else that the store knows of the secret */
    /* store_time_monotonic() from before the store was asked; of a write, from after its end, and
     * `began_ns` from before it: who asked in between may have got the old value or a newer one. */
    int64_t asked_ns;
    int64_t began_ns;
    uint64_t listing; /* that has the OBJECT_SECRET; 0: none */
    uint32_t listing_at;
};

/* The handle of the token's object for what was found, made if there is none, its snapshot
 * replaced. 0 if memory is short. */
CK_OBJECT_HANDLE object_upsert(struct object_table *table, const struct object_found *found);

/* Replaces the snapshot of an object that is there by what was found; its key is not looked at. */
void object_keep(struct object_table *table, CK_OBJECT_HANDLE handle,
                 const struct object_found *found);

/* Lets go of the value of a secret, if it is still this one and not a listing's: what nobody waits
 * for need not lie in memory. */
void object_let_go(struct object_table *table, CK_OBJECT_HANDLE handle,
                   const struct store_secret *value);

/* The handle of the one object that each token has of this kind, OBJECT_STATUS or OBJECT_PROFILE,
 * made if there is none. 0 if memory is short. */
CK_OBJECT_HANDLE object_fixed(struct object_table *table, enum object_kind kind);

/* Makes a session object, which takes over `own` and what `value` holds. 0, with nothing taken, if
 * memory is short. */
CK_OBJECT_HANDLE object_of_session(struct object_table *table, CK_SESSION_HANDLE session,
                                   enum object_kind kind, struct session_attributes *own,
                                   struct store_secret *value);

/* The handle of the key object for a secret that the token has an object for, with its snapshot; 0
 * if there is none, or memory is short. */
CK_OBJECT_HANDLE object_key_of_secret(struct object_table *table, const char *key,
                                      const char *encoding);

/* Ends the objects of secrets under the listing's prefix that the listing, asked for at `asked_ns`,
 * does not have: they are gone from the store. */
void object_remove_unlisted(struct object_table *table, const struct listing *listing,
                            int64_t asked_ns);

/* The secret `key` was found gone, or removed, by a call that began at `asked_ns`: so are its
 * objects, but for those that another call has seen since. What these hold is dropped. */
void object_remove_key(struct object_table *table, const char *key, int64_t asked_ns);

/* Ends one session object. */
void object_remove(struct object_table *table, CK_OBJECT_HANDLE handle);

/* Ends the session objects of a session. */
void object_close_session(struct object_table *table, CK_SESSION_HANDLE session);

/* Ends all private objects, those of the store included, with what they hold: C_Logout, and the end
 * of the last session. What is found later gets other handles, and an answer to a question from
 * before is not kept. */
void object_logout(struct object_table *table);

/* Whether there is any session object at all: a look without a lock. */
bool object_has_sessions(struct object_table *table);

/* Calls `each` with the handle of every session object; `each` must not call back. */
typedef void object_each_fn(void *arg, CK_OBJECT_HANDLE handle);
void object_each_of_sessions(struct object_table *table, object_each_fn *each, void *arg);

#endif
