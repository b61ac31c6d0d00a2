/* SPDX-License-Identifier: Apache-2.0 */
#include "module/session.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "module/lib.h"

/* A handle is the session's place plus one, and above that how often the place was used. */
#define PLACE_BITS 16
#define PLACE_MASK (((CK_SESSION_HANDLE)1 << PLACE_BITS) - 1)

void session_table_init(struct session_table *table)
{
    pthread_mutex_init(&table->lock, NULL);
}

static void session_clear(struct session *session)
{
    find_clear(&session->find);
    operation_clear(&session->digest);
    operation_clear(&session->sign);
    operation_clear(&session->verify);
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

/* A place that was never used. The table is locked. */
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
    *handle = ++table->used;
    return sessions;
}

CK_RV session_open(struct lib *lib, struct token *token, bool writable, CK_SESSION_HANDLE *out)
{
    struct session_table *table = &lib->sessions;
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
    if (handle == 0) /* a place that was used before */
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

/* The session whose place the handle names, whatever its state; NULL if there is none. */
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

struct token *session_token(struct lib *lib, CK_SESSION_HANDLE handle, bool *writable)
{
    struct session *session = session_at(&lib->sessions, handle);
    struct token *token;

    if (session == NULL || atomic_load_explicit(&session->handle, memory_order_acquire) != handle)
        return NULL;
    token = atomic_load_explicit(&session->token, memory_order_relaxed);
    if (writable != NULL)
        *writable = atomic_load_explicit(&session->writable, memory_order_relaxed);
    return token;
}

struct session *session_lock(struct lib *lib, CK_SESSION_HANDLE handle)
{
    struct session *session = session_at(&lib->sessions, handle);

    if (session == NULL || atomic_load_explicit(&session->handle, memory_order_acquire) != handle)
        return NULL;
    pthread_mutex_lock(&session->lock);
    if (atomic_load_explicit(&session->handle, memory_order_relaxed) == handle)
        return session;
    pthread_mutex_unlock(&session->lock);
    return NULL;
}

void session_unlock(struct session *session)
{
    pthread_mutex_unlock(&session->lock);
}

CK_RV session_close(struct lib *lib, CK_SESSION_HANDLE handle)
{
    struct session_table *table = &lib->sessions;
    struct session *session = session_lock(lib, handle);
    struct token *token;
    bool writable;

    if (session == NULL)
        return CKR_SESSION_HANDLE_INVALID;
    token = session->token;
    writable = session->writable;
    atomic_store_explicit(&session->handle, 0, memory_order_release);
    session_clear(session);
    session_unlock(session);
    object_close_session(&lib->objects, handle);

    pthread_mutex_lock(&table->lock);
    session->next_free = table->free;
    table->free = session;
    token_session_closed(token, writable);
    pthread_mutex_unlock(&table->lock);
    return CKR_OK;
}

/* The handles that the token's sessions have now: calls `each` for every one. */
static void each_session(struct lib *lib, const struct token *token,
                         void (*each)(struct lib *lib, CK_SESSION_HANDLE handle))
{
    size_t used;

    pthread_mutex_lock(&lib->sessions.lock);
    used = lib->sessions.used;
    pthread_mutex_unlock(&lib->sessions.lock);
    for (size_t i = 0; i < used; i++) {
        struct session *session = &lib->sessions.chunks[i / SESSION_CHUNK][i % SESSION_CHUNK];
        CK_SESSION_HANDLE handle = atomic_load_explicit(&session->handle, memory_order_acquire);

        if (handle != 0 && atomic_load_explicit(&session->token, memory_order_relaxed) == token)
            each(lib, handle);
    }
}

static void close_one(struct lib *lib, CK_SESSION_HANDLE handle)
{
    /* CKR_SESSION_HANDLE_INVALID: another thread has closed it, which is as good */
    (void)session_close(lib, handle);
}

void session_close_all(struct lib *lib, const struct token *token)
{
    each_session(lib, token, close_one);
}

static void end_key_operations(struct lib *lib, CK_SESSION_HANDLE handle)
{
    struct session *session = session_lock(lib, handle);

    if (session == NULL)
        return;
    operation_clear(&session->sign);
    operation_clear(&session->verify);
    session_unlock(session);
}

void session_logged_out(struct lib *lib, const struct token *token)
{
    each_session(lib, token, end_key_operations);
}
