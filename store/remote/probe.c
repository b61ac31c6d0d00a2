/* SPDX-License-Identifier: Apache-2.0 */
#include "store/remote/probe.h"

#include "store/time.h"

/* The limit for getting a connection, which takes so long only if the store process itself is in
 * trouble, and for receiving an answer whose first byte has come. */
#define MOMENT_NS (500 * STORE_TIME_MS)

void probe_init(struct probe *probe, struct pool *pool)
{
    *probe = (struct probe){
        .pool = pool,
        .connection = {-1, -1},
        .timeout_ns = store_conf_number(pool->conf, "timeout_ms") * STORE_TIME_MS,
    };
    pthread_mutex_init(&probe->lock, NULL);
}

static void drop(struct probe *probe, bool silent)
{
    pool_drop(probe->pool, &probe->connection, silent);
    probe->running = false;
}

void probe_free(struct probe *probe)
{
    if (probe->running)
        drop(probe, false);
    pthread_mutex_destroy(&probe->lock);
}

static enum store_err begin(struct probe *probe)
{
    AUTO_FRAME_OUT request = {0};
    int64_t now = store_time_monotonic();
    enum store_err err;

    frame_begin(&request, FRAME_HEALTH);
    TRY(frame_end(&request));
    TRY(pool_acquire(probe->pool, &probe->connection, now + MOMENT_NS));
    probe->running = true;
    probe->begun_ns = now;
    err = channel_send(&probe->connection, &request, now + MOMENT_NS);
    if (err != STORE_OK)
        drop(probe, err == STORE_TIMEOUT);
    return err;
}

/* Receives the answer, whose first byte has come. Leaves out its log lines, which would repeat the
 * warning from the beginning of the outage. */
static enum store_err read_answer(struct probe *probe, enum store_err *out)
{
    int64_t deadline = store_time_monotonic() + MOMENT_NS;
    AUTO_SECRET body = {0};
    struct frame_in in = {.body = &body};
    uint8_t type;

    do {
        TRY(channel_receive(&probe->connection, &type, &body, deadline));
    } while (type == FRAME_LOG);
    if (type != FRAME_RESULT || frame_get_err(&in) != STORE_OK)
        return STORE_CORRUPT;
    *out = frame_get_err(&in);
    return in.bad ? STORE_CORRUPT : STORE_OK;
}

static enum store_err follow(struct probe *probe, int64_t wait_ns)
{
    int64_t deadline;
    enum store_err err;

    if (!probe->running)
        TRY(begin(probe));
    deadline = probe->begun_ns + wait_ns;
    if (channel_is_readable(&probe->connection))
        err = STORE_OK;
    else
        err = channel_wait(&probe->connection, deadline);
    if (err == STORE_TIMEOUT && store_time_monotonic() < probe->begun_ns + probe->timeout_ns)
        return STORE_UNCHANGED;
    if (err == STORE_OK) {
        enum store_err outcome = STORE_OK;
        err = read_answer(probe, &outcome);
        if (err == STORE_OK) {
            probe->running = false;
            pool_keep(probe->pool, &probe->connection);
            return outcome;
        }
    }
    drop(probe, err == STORE_TIMEOUT);
    return err == STORE_TIMEOUT ? err : STORE_UNAVAILABLE;
}

enum store_err probe_check(struct probe *probe, int64_t wait_ns)
{
    enum store_err err;

    if (pthread_mutex_trylock(&probe->lock) != 0)
        return STORE_UNCHANGED;
    err = follow(probe, wait_ns);
    pthread_mutex_unlock(&probe->lock);
    return err;
}
