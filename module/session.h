/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_SESSION_H
#define MODULE_SESSION_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "module/cryptoki.h"
#include "module/find.h"
#include "module/operation.h"

struct lib;
struct token;

/*
 * Sessions. The memory of a session is reused but not freed before C_Finalize, and its handle
 * carries a count of the reuses: a stale handle is told from a live one by comparing it, without a
 * lock, and a call that still works on a session that another thread closes finds out when it
 * locks it again.
 */
struct session {
    pthread_mutex_t lock;             /* for what follows, but handle, token and writable */
    _Atomic CK_SESSION_HANDLE handle; /* 0 while free */
    struct token *_Atomic token;
    _Atomic bool writable;
    struct find find;
    struct operation digest;
    struct operation sign;
    struct operation verify;
    CK_SESSION_HANDLE last_handle; /* for the next use; under the table's lock */
    struct session *next_free;     /* likewise */
};

#define SESSION_CHUNK 64
#define SESSION_CHUNKS 256
#define SESSION_MAX (SESSION_CHUNK * SESSION_CHUNKS) /* of all tokens together */

struct session_table {
    pthread_mutex_t lock; /* for allocation */
    struct session *_Atomic chunks[SESSION_CHUNKS];
    size_t used; /* sessions that were ever handed out */
    struct session *free;
};

void session_table_init(struct session_table *table);
void session_table_free(struct session_table *table);

/* C_OpenSession (5.6.1). CKR_SESSION_COUNT past SESSION_MAX sessions. */
CK_RV session_open(struct lib *lib, struct token *token, bool writable, CK_SESSION_HANDLE *out);

/* C_CloseSession (5.6.2): destroys its session objects; the last one of a token logs out. */
CK_RV session_close(struct lib *lib, CK_SESSION_HANDLE handle);

/* C_CloseAllSessions (5.6.3). */
void session_close_all(struct lib *lib, const struct token *token);

/* After C_Logout: what the token's sessions had begun with private keys ends (5.6.10). */
void session_logged_out(struct lib *lib, const struct token *token);

/* The session, locked, until session_unlock; NULL if the handle is no open session. No call to a
 * store is made while it is held. */
struct session *session_lock(struct lib *lib, CK_SESSION_HANDLE handle);
void session_unlock(struct session *session);

/* The session's token, and whether it is read-write, without a lock; NULL if the handle is no open
 * session. `writable` may be NULL. */
struct token *session_token(struct lib *lib, CK_SESSION_HANDLE handle, bool *writable);

#endif
