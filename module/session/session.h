/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_SESSION_SESSION_H
#define MODULE_SESSION_SESSION_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "module/cryptoki.h"
#include "module/session/operation.h"
#include "module/session/search.h"
#include "module/session/sized.h"

struct token;

/*
 * Sessions. A session's memory is reused but not freed before C_Finalize, and its handle contains a
 * count of the reuses. So a call tells a stale handle from a live one by comparing them, without a
 * lock, and a call whose session another thread closes finds out at the next session_lock.
 */
struct session {
    pthread_mutex_t lock; /* guards the members below except handle, token and writable */
    _Atomic CK_SESSION_HANDLE handle; /* 0 while free */
    struct token *_Atomic token;
    _Atomic bool writable;
    struct search search;
    struct sized sized;
    struct operation digest;
    struct operation sign;
    struct operation verify;
    struct operation encrypt;
    struct operation decrypt;
    uint64_t begun; /* the number of operations with a key that have begun here */
    CK_SESSION_HANDLE
    last_handle; /* from which the next use derives its handle; under the table's lock */
    struct session *next_free; /* under the table's lock */
};

#define SESSION_CHUNK 64
#define SESSION_CHUNKS 256
#define SESSION_MAX (SESSION_CHUNK * SESSION_CHUNKS) /* of all tokens together */

struct session_table {
    pthread_mutex_t lock; /* for allocation */
    struct session *_Atomic chunks[SESSION_CHUNKS];
    size_t used; /* places that have ever been used */
    struct session *free;
};

void session_table_init(struct session_table *table);
void session_table_free(struct session_table *table);

/* The session of a call, as it was when the call began. */
struct caller {
    struct session *session;
    CK_SESSION_HANDLE handle;
    struct token *token;
    bool writable;
};

/* Turns a handle into its session, without a lock; false if it is not an open session. */
bool session_find(struct session_table *table, CK_SESSION_HANDLE handle, struct caller *out);

/* Locks the session until session_unlock; false if it has been closed. Never call a store with a
 * session locked. */
bool session_lock(const struct caller *caller);
void session_unlock(const struct caller *caller);

/* After a change of the object by this session: what it has sized of the object is an older value.
 */
void session_drop_sized(const struct caller *caller, CK_OBJECT_HANDLE object);

/* True if the session is still open; takes no lock. */
bool session_is_open(const struct caller *caller);

/* C_OpenSession (5.6.1). CKR_SESSION_COUNT past SESSION_MAX sessions. */
CK_RV session_open(struct session_table *table, struct token *token, bool writable,
                   CK_SESSION_HANDLE *out);

/* C_CloseSession (5.6.2): destroys its session objects; the last one of a token logs out. */
CK_RV session_close(struct session_table *table, const struct caller *caller);

/* C_CloseAllSessions (5.6.3). */
void session_close_all(struct session_table *table, struct token *token);

/* C_Logout (5.6.10): ends the token's private objects and the sessions' operations on them. */
CK_RV session_logout(struct session_table *table, struct token *token);

#endif
