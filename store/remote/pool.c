/* SPDX-License-Identifier: Apache-2.0 */
#include "store/remote/pool.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "store/remote/open.h"
#include "store/remote/program.h"
#include "store/log.h"
#include "store/thread.h"
#include "store/time.h"
#include "store/user.h"

/* How long a store process that left a call unanswered has to show that it lives. */
#define SUSPECT_NS (250 * STORE_TIME_MS)

void pool_init(struct pool *pool, const struct store_conf *conf)
{
    *pool = (struct pool){.conf = conf, .process = LAUNCHED_NONE};
    store_thread_cond_init(&pool->turn);
    pthread_mutex_init(&pool->lock, NULL);
}

static void close_idle(struct pool *pool)
{
    while (pool->idle_count > 0)
        channel_close(&pool->idle[--pool->idle_count]);
}

void pool_free(struct pool *pool)
{
    close_idle(pool);
    platform_launch_end(&pool->process, pool->suspect);
    pthread_cond_destroy(&pool->turn);
    pthread_mutex_destroy(&pool->lock);
}

/* Waits until one more call may run. The pool is locked. */
static enum store_err wait_turn(struct pool *pool, int64_t deadline)
{
    while (pool->busy >= POOL_BUSY_MAX)
        if (!store_thread_wait(&pool->turn, &pool->lock, deadline))
            return STORE_TIMEOUT;
    pool->busy++;
    return STORE_OK;
}

static void end_turn(struct pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->busy--;
    pthread_cond_signal(&pool->turn);
    pthread_mutex_unlock(&pool->lock);
}

/* A connection before its OPEN. */
struct attempt {
    bool fresh;      /* this call has started the store process */
    bool doubt;      /* the store process has left a call unanswered */
    uint64_t number; /* of the store process, in the order of their start */
    int sent;        /* the other end, if it must stay open until the first answer; else -1 */
};

/* True if an end on which nobody sends unasked can be used: the other end is there, and silent. */
static bool is_usable(const struct channel *channel)
{
    return !channel_is_readable(channel);
}

/* Ends a store process that is gone or useless. The pool is locked. */
static void end_process(struct pool *pool, bool kill)
{
    close_idle(pool);
    platform_launch_end(&pool->process, kill);
    pool->suspect = false;
}

/* A connection to the token's own store process. The pool is locked: a start takes about a
 * millisecond and does not wait. */
static enum store_err connect_own(struct pool *pool, struct channel *out, struct attempt *attempt)
{
    struct program program;
    int ends[2];
    int error;

    if (pool->process.control.fd >= 0 && !is_usable(&pool->process.control))
        end_process(pool, false);
    attempt->fresh = pool->process.control.fd < 0;
    if (attempt->fresh)
        TRY(launch(program_find(pool->conf, &program), pool->conf, &pool->process));
    pool->number += attempt->fresh;
    attempt->number = pool->number;
    attempt->doubt = pool->suspect;
    if (!channel_pair(ends)) {
        store_log(STORE_LOG_ERROR, "store: cannot make a connection: %s; free some descriptors",
                  strerror(errno));
        return STORE_UNAVAILABLE;
    }
    error = platform_launch_connect(&pool->process, ends, out);
    attempt->sent = ends[1];
    if (error == 0)
        return STORE_OK;
    store_log(STORE_LOG_ERROR,
              "store: sideseat-store takes no connection: %s; the next call starts it again",
              strerror(error));
    end_process(pool, true);
    return STORE_UNAVAILABLE;
}

/* A connection to a shared store process. */
static enum store_err connect_shared(const char *path, int64_t deadline, struct channel *out)
{
    int error = channel_connect(path, deadline, out);
    uid_t user = 0;
    pid_t pid = 0;

    if (error == ENAMETOOLONG) {
        store_log(STORE_LOG_ERROR, "store: the path %s is longer than the %zu bytes of a socket's",
                  path, channel_path_max);
        return STORE_BAD_CONF;
    }
    if (error == ETIMEDOUT) {
        store_log(
            STORE_LOG_ERROR,
            "store: the shared store process at %s did not accept a connection in time; if it "
            "hangs, start it again",
            path);
        return STORE_TIMEOUT;
    }
    if (error != 0) {
        store_log(STORE_LOG_ERROR,
                  "store: cannot connect to %s: %s; start \"sideseat-store --listen %s\" there, or "
                  "take pkcs11.store.socket out",
                  path, strerror(error), path);
        return STORE_UNAVAILABLE;
    }
    if (!channel_peer(out, &pid, &user) ||
        (user != 0 && (user != geteuid() || store_privileged()))) {
        store_log(
            STORE_LOG_ERROR,
            "store: process %ld listens at %s and is another user's, which is not trusted with "
            "secrets; set pkcs11.store.socket to the socket of your own store process, or of "
            "root's",
            (long)pid, path);
        channel_close(out);
        return STORE_DENIED;
    }
    return STORE_OK;
}

/* A new connection, not yet opened. */
static enum store_err connect_new(struct pool *pool, int64_t deadline, struct channel *out,
                                  struct attempt *attempt)
{
    const char *path = store_conf_text(pool->conf, "store.socket");
    enum store_err err;

    *attempt = (struct attempt){.fresh = true, .sent = -1};
    if (path != NULL)
        return connect_shared(path, deadline, out);
    pthread_mutex_lock(&pool->lock);
    err = connect_own(pool, out, attempt);
    pthread_mutex_unlock(&pool->lock);
    return err;
}

/* True if a failed OPEN justifies a second connection, to a new store process: the old one is
 * frozen or has just died, and the call has not reached it yet. */
static bool start_again(struct pool *pool, const struct attempt *attempt, enum store_err err)
{
    bool frozen = attempt->doubt && err == STORE_TIMEOUT;

    if (!frozen && (attempt->fresh || err != STORE_UNAVAILABLE))
        return false;
    if (frozen)
        store_log(STORE_LOG_WARNING,
                  "store: sideseat-store does not answer any more; starting another");
    pthread_mutex_lock(&pool->lock);
    if (pool->number == attempt->number) /* not one that another call has started since */
        end_process(pool, true);
    pthread_mutex_unlock(&pool->lock);
    return true;
}

/* Records whether the store process has answered. If not, the next call first checks that the
 * process lives. */
static void set_suspect(struct pool *pool, const struct attempt *attempt, bool suspect)
{
    pthread_mutex_lock(&pool->lock);
    if (pool->number == attempt->number)
        pool->suspect = suspect;
    pthread_mutex_unlock(&pool->lock);
}

static enum store_err open_new(struct pool *pool, struct channel *out, int64_t deadline)
{
    for (;;) {
        int64_t probe = store_time_monotonic() + SUSPECT_NS;
        struct attempt attempt;
        enum store_err err;

        TRY(connect_new(pool, deadline, out, &attempt));
        attempt.doubt = attempt.doubt && probe < deadline;
        err = open_connection(out, pool->conf, attempt.doubt ? probe : deadline);
        if (attempt.sent >= 0)
            close(attempt.sent);
        if (attempt.doubt || err == STORE_TIMEOUT)
            set_suspect(pool, &attempt, err == STORE_TIMEOUT);
        if (err == STORE_OK)
            return STORE_OK;
        channel_close(out);
        if (store_time_monotonic() >= deadline || !start_again(pool, &attempt, err))
            return open_failed(err, pool->conf);
    }
}

enum store_err pool_acquire(struct pool *pool, struct channel *out, int64_t deadline)
{
    enum store_err err;
    bool found = false;

    *out = (struct channel){-1, -1};
    pthread_mutex_lock(&pool->lock);
    err = wait_turn(pool, deadline);
    while (err == STORE_OK && !found && pool->idle_count > 0) {
        *out = pool->idle[--pool->idle_count];
        found = is_usable(out);
        if (!found)
            channel_close(out);
    }
    pthread_mutex_unlock(&pool->lock);
    if (err != STORE_OK) {
        store_log(STORE_LOG_ERROR,
                  "store: %d calls are running and none has ended in time; "
                  "raise timeout_ms, or ask for less at a time",
                  POOL_BUSY_MAX);
        return err;
    }
    if (!found)
        err = open_new(pool, out, deadline);
    if (err != STORE_OK)
        end_turn(pool);
    return err;
}

void pool_keep(struct pool *pool, struct channel *connection)
{
    bool kept;

    pthread_mutex_lock(&pool->lock);
    kept = pool->idle_count < POOL_IDLE_MAX;
    if (kept)
        pool->idle[pool->idle_count++] = *connection;
    pool->busy--;
    pthread_cond_signal(&pool->turn);
    pthread_mutex_unlock(&pool->lock);
    if (!kept)
        channel_close(connection);
    *connection = (struct channel){-1, -1};
}

void pool_drop(struct pool *pool, struct channel *connection, bool silent)
{
    channel_close(connection);
    pthread_mutex_lock(&pool->lock);
    if (silent) {
        pool->suspect = true;
        close_idle(pool);
    }
    pool->busy--;
    pthread_cond_signal(&pool->turn);
    pthread_mutex_unlock(&pool->lock);
}

bool pool_has_process(struct pool *pool)
{
    bool has;

    pthread_mutex_lock(&pool->lock);
    has = pool->process.control.fd >= 0;
    pthread_mutex_unlock(&pool->lock);
    return has;
}

void pool_end_process(struct pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    end_process(pool, true);
    pthread_mutex_unlock(&pool->lock);
}
