/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_OBJECT_OBJECT_H
#define MODULE_OBJECT_OBJECT_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "module/cryptoki.h"
#include "module/object/session_attributes.h"
#include "module/pki/public.h"
#include "store/backend.h"
#include "store/scope.h"
#include "store/secret.h"
#include "store/time.h"

struct listing;
struct pki;

/* The kinds of object. */
enum object_kind {
    OBJECT_SECRET,          /* CKO_DATA on the token: a secret of the store */
    OBJECT_KEY,             /* CKO_SECRET_KEY on the token: the same secret, to use, not to read */
    OBJECT_PRIVATE_KEY,     /* CKO_PRIVATE_KEY: the key that the secret holds, to use */
    OBJECT_PUBLIC_KEY,      /* CKO_PUBLIC_KEY: its public half */
    OBJECT_CERTIFICATE,     /* CKO_CERTIFICATE: a certificate in the secret */
    OBJECT_STATUS,          /* CKO_SIDESEAT_STATUS */
    OBJECT_PROFILE,         /* CKO_PROFILE: the token's PKCS#11 profile */
    OBJECT_SESSION_DATA,    /* CKO_DATA of a session */
    OBJECT_SESSION_KEY,     /* CKO_SECRET_KEY of a session */
    OBJECT_SESSION_PUBLIC,  /* CKO_PUBLIC_KEY of a session */
    OBJECT_SESSION_PRIVATE, /* CKO_PRIVATE_KEY of a session */
    OBJECT_VERSION,         /* CKO_DATA of a session: a version that the store keeps of a secret */
};

/* The time for which a record from a search or a read stands for the store's. Long enough for a
 * length query and the read after it, short enough that nobody works with a replaced value. */
#define OBJECT_SNAPSHOT_NS STORE_TIME_S

/* The room for a key inside the object; longer keys have memory of their own. */
#define OBJECT_KEY_ROOM 40

/* A secret's objects, as bits of enum object_kind, that show its public face. */
#define OBJECT_BIT_OF(kind) (1u << (kind))
#define OBJECT_PAIR_KINDS (OBJECT_BIT_OF(OBJECT_PRIVATE_KEY) | OBJECT_BIT_OF(OBJECT_PUBLIC_KEY))
#define OBJECT_FACES_KINDS (OBJECT_PAIR_KINDS | OBJECT_BIT_OF(OBJECT_CERTIFICATE))

static inline bool object_shows_face(enum object_kind kind)
{
    return (OBJECT_FACES_KINDS & OBJECT_BIT_OF(kind)) != 0;
}

/*
 * An object. Like a session's, its memory is reused but not freed before C_Finalize, and its handle
 * tells one use from the next. An object of the token keeps its handle while the secret exists,
 * whatever searches find it, until the user logs out; one of a certificate while the secret has
 * that certificate in that place.
 *
 * The record in it serves the next reader. A call works with references of its own
 * (module/object/object_view.h), which no other thread can drop.
 */
struct object {
    UT_hash_handle hh; /* in the index */
    char *key;         /* the scope key; NULL for a session object and a status */
    union {
        char key_room[OBJECT_KEY_ROOM]; /* holds `key` if it fits */
        CK_OBJECT_HANDLE last_handle;   /* while free: the base of the next handle */
    };
    _Atomic CK_OBJECT_HANDLE handle; /* 0 while free */

    enum object_kind kind;          /* from here on guarded by the object's lock */
    bool has_value;                 /* true if the record has the value */
    bool has_metadata;              /* true if it has the version and the times */
    bool listing_record;            /* the record came with the last listing */
    bool private;                   /* a session object that C_Logout ends */
    unsigned char number;           /* of an OBJECT_CERTIFICATE: 0 is the first in the secret */
    unsigned char hash[PKI_ID_LEN]; /* of an OBJECT_CERTIFICATE: which one the object always is */
    struct session_attributes *own; /* of a session object */
    int64_t asked_ns;  /* when the call that read the record began: a newer record stays */
    int64_t seen_ns;   /* when the last call began that found the secret in the store */
    int64_t loaded_ns; /* when the store gave the record; 0: never */

    /* OBJECT_SECRET and OBJECT_KEY: the record from the store (a listing may omit the value, a
     * bulk read the rest). A session object: its value alone. */
    struct store_record record;

    struct pki *pki;         /* of a key pair or certificate: the public face of its secret */
    const char *encoding;    /* OBJECT_KEY: the encoding of the key in the secret's value */
    uint64_t listing;        /* the last listing that has it; 0: none */
    uint32_t listing_at;     /* its index in that listing */
    struct object *next;     /* in the free list, the session's list or the list of ended objects */
    struct object *previous; /* in the session's list; the object itself once it has left */
};

_Static_assert(sizeof(struct object) <= 384, "six cache lines");

/* Objects share locks. Never lock two objects: they may share one. Never call a store with an
 * object locked: other threads must wait only for an instant. With this many locks, two threads
 * at work on two objects rarely meet. */
#define OBJECT_LOCK_BITS 6
#define OBJECT_LOCKS (1 << OBJECT_LOCK_BITS)

union object_mutex {
    pthread_mutex_t mutex;
    char line[64]; /* one cache line, so that threads seldom share one */
};

/* The objects by scope key, in shards by the key's hash, so that threads that look up different
 * keys seldom meet. Lock a shard before any object. */
#define OBJECT_SHARD_BITS 4
#define OBJECT_SHARDS (1 << OBJECT_SHARD_BITS)

#define OBJECT_PLACE_CERTIFICATES 4 /* the certificates follow the other kinds */
#define OBJECT_PLACES (OBJECT_PLACE_CERTIFICATES + 10)

struct object_shard {
    _Alignas(64) pthread_mutex_t lock;
    struct object *places[OBJECT_PLACES];
    int64_t dropped_ns; /* when an object here was last dropped: older answers are ignored */
    uint64_t listing;   /* the last listing with secrets of this shard */
    uint32_t listed;    /* the number of this shard's secrets in it */
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

/* The first chunk holds this many objects, each further one twice as many as the one before. */
#define OBJECT_CHUNK 256
#define OBJECT_CHUNKS 14

/* The objects of one token. */
struct object_table {
    CK_SLOT_ID slot; /* part of each handle: no two tokens share a handle */
    int64_t born_ns; /* part of a session object's CKA_UNIQUE_ID: differs after each C_Initialize */
    pthread_mutex_t lock; /* guards allocation and the session objects; the last lock to take */
    _Alignas(64) union object_mutex locks[OBJECT_LOCKS];       /* of the objects */
    _Alignas(64) struct object *_Atomic chunks[OBJECT_CHUNKS]; /* aligned: hot */
    _Atomic uint32_t used;                                     /* places that have ever been used */
    struct object *free;
    struct object_owner *owners;
    atomic_size_t session_object_count;
    struct object_index index;
    CK_OBJECT_HANDLE status; /* the status object, and the profile; under the first shard's lock */
    CK_OBJECT_HANDLE profile;
};

void object_table_init(struct object_table *table, CK_SLOT_ID slot);
void object_table_free(struct object_table *table);

/* Locks the object until object_unlock; NULL if the handle is not an object. Never call a store
 * or lock another object meanwhile. */
struct object *object_lock(struct object_table *table, CK_OBJECT_HANDLE handle);
void object_unlock(struct object_table *table, struct object *object);

/* True if the handle is an object; takes no lock. */
bool object_exists(struct object_table *table, CK_OBJECT_HANDLE handle);

/* A finding about a secret of the token: its key and its record. */
struct object_found {
    enum object_kind kind; /* of an object of the token that a secret has */
    unsigned char number;  /* OBJECT_CERTIFICATE only */
    struct pki *pki;       /* the kinds of object_shows_face only; the object adds a reference */
    const char *key;
    const char *encoding;              /* the key's encoding; OBJECT_KEY only */
    const struct store_record *record; /* NULL if only the key is known */
    bool has_value;                    /* true if the record has the value */
    bool has_metadata;                 /* true if it has the version and the times */
    /* store_time_monotonic() from before the read. After a write: from after its end, and
     * `began_ns` from before it, since a read in between may have returned either value. */
    int64_t asked_ns;
    int64_t began_ns;
    uint64_t listing; /* the listing with the OBJECT_SECRET; 0: none */
    uint32_t listing_at;
};

/* Gives the handle of the token's object for the finding. Makes the object if it does not exist,
 * else updates its record; ends one that is another certificate. 0 if memory is short. */
CK_OBJECT_HANDLE object_upsert(struct object_table *table, const struct object_found *found);

/* Updates the record of an existing object; ignores the finding's key. */
void object_keep(struct object_table *table, CK_OBJECT_HANDLE handle,
                 const struct object_found *found);

/* The same for an object that shows the public face in `found`, and that face for the others of the
 * secret `found->key` that show an older one: they follow the secret together. */
void object_keep_face(struct object_table *table, CK_OBJECT_HANDLE handle,
                      const struct object_found *found);

/* Drops the object's reference to this value, unless it has a newer value or one from a listing:
 * a value that no caller expects should not stay in memory. */
void object_forget_value(struct object_table *table, CK_OBJECT_HANDLE handle,
                         const struct store_secret *value);

/* Gives the handle of the token's only object of this kind, OBJECT_STATUS or OBJECT_PROFILE, and
 * makes it if necessary. 0 if memory is short. */
CK_OBJECT_HANDLE object_fixed(struct object_table *table, enum object_kind kind);

/* Gives the handle of the key object for a secret that has an object, with that object's record.
 * 0 if it has none, or memory is short. */
CK_OBJECT_HANDLE object_key_of_secret(struct object_table *table, const char *key,
                                      const char *encoding);

/* Ends the objects under the listing's prefix whose secrets the listing, requested at
 * `asked_ns`, does not have: the store no longer holds them. */
void object_remove_unlisted(struct object_table *table, const struct listing *listing,
                            int64_t asked_ns);

/* Ends the objects of the secret `key`, which a call that began at `asked_ns` removed or found
 * gone. Objects that another call has seen since remain, without their records. */
void object_remove_key(struct object_table *table, const char *key, int64_t asked_ns);

/* Ends the objects of the certificates that the secret `key` shows: their numbers have changed. */
void object_remove_certificates(struct object_table *table, const char *key);

/* Drops the records of the secret's objects that show its public face, after a change of the
 * secret: the next reader asks the store. */
void object_drop_faces(struct object_table *table, const char *key);

/* Ends all private objects, those of the store included, with their contents: C_Logout, and the
 * end of the last session. Later searches make new handles, and answers to earlier calls are
 * ignored. */
void object_logout(struct object_table *table);

#endif
