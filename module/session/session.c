/* SPDX-License-Identifier: Apache-2.0 */
#include "module/session/session.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "module/object/object_session.h"
#include "module/session/use.h"
#include "module/token.h"

/* A handle is the session's place plus one and, above that, the number of uses of the place. */
#define PLACE_BITS 16
#define PLACE_MASK (((CK_SESSION_HANDLE)1 << PLACE_BITS) - 1)

void session_table_init(struct session_table *table)
{
    pthread_mutex_init(&table->lock, NULL);
}

static void end_operation(const struct token *token, struct operation *operation,
                          enum operation_kind kind)
{
    use_cancelled(token, operation, kind);
    operation_clear(operation);
}

/* Ends the operations with keys. */
static void end_uses(struct session *session, const struct token *token)
{
    end_operation(token, &session->sign, OPERATION_SIGN);
    end_operation(token, &session->verify, OPERATION_VERIFY);
    end_operation(token, &session->encrypt, OPERATION_ENCRYPT);
    end_operation(token, &session->decrypt, OPERATION_DECRYPT);
}

static void session_clear(struct session *session)
{
    search_clear(&session->search);
    sized_clear(&session->sized);
    operation_clear(&session->digest);
    end_uses(session, atomic_load_explicit(&session->token, memory_order_relaxed));
}

void session_table_free(struct session_table *table)
{
    for (size_t i = 0; i < table->used; i++) {
        struct session *session = &table->chunks[i / SESSION_CHUNK][i % SESSION_CHUNK];
        session_clear(session);
        pthread_mutex_destroy(&session->lock);
    }
    for (size_t i = 0; i < SESSION_CHUNKS; i++)
        free(table->chunks[i]);
    pthread_mutex_destroy(&table->lock);
}

/* Returns an unused place. The table is locked. */
static struct session *session_first_use(struct session_table *table, CK_SESSION_HANDLE *handle)
{
    size_t chunk = table->used / SESSION_CHUNK;
    struct session *sessions;

    if (chunk == SESSION_CHUNKS)
        return NULL;
    if (table->chunks[chunk] == NULL) {
        sessions = calloc(SESSION_CHUNK, sizeof *sessions);
        if (sessions == NULL)
            return NULL;
        atomic_store_explicit(&table->chunks[chunk], sessions, memory_order_release);
    }
    sessions = table->chunks[chunk] + table->used % SESSION_CHUNK;
    pthread_mutex_init(&sessions->lock, NULL);
    *handle = (CK_SESSION_HANDLE)++table->used;
    return sessions;
}

CK_RV session_open(struct session_table *table, struct token *token, bool writable,
                   CK_SESSION_HANDLE *out)
{
    CK_SESSION_HANDLE handle = 0;
    struct session *session;

    pthread_mutex_lock(&table->lock);
    session = table->free;
    if (session != NULL)
        table->free = session->next_free;
    else
        session = session_first_use(table, &handle);
    if (session == NULL) {
        pthread_mutex_unlock(&table->lock);
        return CKR_SESSION_COUNT;
    }
    if (handle == 0) /* the place has been used before */
        handle = session->last_handle + PLACE_MASK + 1;
    session->last_handle = handle;
    atomic_store_explicit(&session->token, token, memory_order_relaxed);
    atomic_store_explicit(&session->writable, writable, memory_order_relaxed);
    atomic_store_explicit(&session->handle, handle, memory_order_release);
    token_session_opened(token, writable);
    pthread_mutex_unlock(&table->lock);
    *out = handle;
    return CKR_OK;
}

/* The session in the place that the handle names, in any state; NULL if there is none. */
static struct session *session_at(struct session_table *table, CK_SESSION_HANDLE handle)
{
    size_t place = (size_t)(handle & PLACE_MASK);
    struct session *chunk;

    if (place == 0 || (place - 1) / SESSION_CHUNK >= SESSION_CHUNKS)
        return NULL;
    place--;
    chunk = atomic_load_explicit(&table->chunks[place / SESSION_CHUNK], memory_order_acquire);
    return chunk == NULL ? NULL : chunk + place % SESSION_CHUNK;
}

bool session_find(struct session_table *table, CK_SESSION_HANDLE handle, struct caller *out)
{
    struct session *session = session_at(table, handle);

    if (session == NULL || atomic_load_explicit(&session->handle, memory_order_acquire) != handle)
        return false;
    out->session = session;
    out->handle = handle;
    out->token = atomic_load_explicit(&session->token, memory_order_relaxed);
    out->writable = atomic_load_explicit(&session->writable, memory_order_relaxed);
    return true;
}

bool session_is_open(const struct caller *caller)
{
    return atomic_load_explicit(&caller->session->handle, memory_order_acquire) == caller->handle;
}

bool session_lock(const struct caller *caller)
{
    pthread_mutex_lock(&caller->session->lock);
    if (session_is_open(caller))
        return true;
    pthread_mutex_unlock(&caller->session->lock);
    return false;
}

void session_unlock(const struct caller *caller)
{
    pthread_mutex_unlock(&caller->session->lock);
}

void session_drop_sized(const struct caller *caller, CK_OBJECT_HANDLE object)
{
    if (!session_lock(caller))
        return;
    sized_drop(&caller->session->sized, object);
    session_unlock(caller);
}

CK_RV session_close(struct session_table *table, const struct caller *caller)
{
    struct session *session = caller->session;
    bool last;

    if (!session_lock(caller))
        return CKR_SESSION_HANDLE_INVALID;
    atomic_store_explicit(&session->handle, 0, memory_order_release);
    session_clear(session);
    session_unlock(caller);
    object_close_session(&caller->token->objects, caller->handle);

    pthread_mutex_lock(&table->lock);
    if (caller->handle <= (CK_SESSION_HANDLE)-1 - PLACE_MASK - 1) {
        session->next_free = table->free;
        table->free = session;
    } /* else the place's next handle would be its first one again */
    last = token_session_closed(caller->token, caller->writable);
    pthread_mutex_unlock(&table->lock);
    if (last)
        token_drop_faces(caller->token);
    return CKR_OK;
}

/* Calls `each` for every session that the token has now. */
static void each_session(struct session_table *table, const struct token *token,
                         void (*each)(struct session_table *table, const struct caller *caller))
{
    size_t used;

    pthread_mutex_lock(&table->lock);
    used = table->used;
    pthread_mutex_unlock(&table->lock);
    for (size_t i = 0; i < used; i++) {
        struct session *session = &table->chunks[i / SESSION_CHUNK][i % SESSION_CHUNK];
        CK_SESSION_HANDLE handle = atomic_load_explicit(&session->handle, memory_order_acquire);
        struct caller caller;

        if (handle != 0 && session_find(table, handle, &caller) && caller.token == token)
            each(table, &caller);
    }
}

static void close_one(struct session_table *table, const struct caller *caller)
{
    /* CKR_SESSION_HANDLE_INVALID: another thread has closed it already */
    (void)session_close(table, caller);
}

void session_close_all(struct session_table *table, struct token *token)
{
    each_session(table, token, close_one);
}

/* A digest continues: it holds nothing private. */
static void end_private(struct session_table *table, const struct caller *caller)
{
    (void)table;
    if (!session_lock(caller))
        return;
    sized_clear(&caller->session->sized);
    end_uses(caller->session, caller->token);
    session_unlock(caller);
}

CK_RV session_logout(struct session_table *table, struct token *token)
{
    CK_RV rv = token_logout(token);

    if (rv == CKR_OK)
        each_session(table, token, end_private);
    return rv;
}
