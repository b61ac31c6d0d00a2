/* SPDX-License-Identifier: Apache-2.0 */
#include "store/remote/call.h"

#include "store/log.h"
#include "store/remote/open.h"
#include "store/time.h"

/* Logs the failure of a connection. */
static enum store_err connection_failed(const struct call *call, enum store_err err)
{
    const char *label = store_conf_label(call->pool->conf);

    if (err == STORE_TIMEOUT)
        store_log(STORE_LOG_ERROR,
                  "store: no answer for token \"%s\" by the deadline; if its "
                  "store is only slow, raise timeout_ms",
                  label);
    if (err == STORE_UNAVAILABLE)
        store_log(STORE_LOG_ERROR,
                  "store: sideseat-store of token \"%s\" has ended during a call; "
                  "the next call starts it again",
                  label);
    if (err == STORE_NO_MEMORY)
        return store_no_memory("store");
    if (err != STORE_CORRUPT)
        return err;
    store_log(STORE_LOG_ERROR,
              "store: sideseat-store of token \"%s\" sent an invalid reply; "
              "install it and the module from one package",
              label);
    return STORE_UNAVAILABLE;
}

/* Passes on the secrets of an EACH frame. CORRUPT: not an EACH. */
static enum store_err take_each(struct call *call)
{
    struct frame_in in = {.body = &call->body};
    AUTO_RECORD record = {0};
    AUTO_SECRET value = {0};
    char key[STORE_KEY_MAX + 1];

    if (call->each == NULL || call->body.len == 0)
        return STORE_CORRUPT;
    while (in.at < call->body.len) {
        enum store_err err;
        bool has_record;
        frame_get_key(&in, key);
        err = frame_get_err(&in);
        has_record = frame_get_flag(&in);
        if (has_record)
            frame_get_record(&in, &record);
        record.audited = has_record;
        if (in.bad || (has_record && err != STORE_OK))
            return STORE_CORRUPT;
        /* a copy: a slice would keep the whole frame in memory */
        if (has_record && record.value.len > 0) {
            TRY(store_secret_set(&value, record.value.data, record.value.len));
            store_secret_move(&record.value, &value);
        }
        call->each_err = call->each(call->each_arg, key, err, has_record ? &record : NULL);
        if (call->each_err != STORE_OK)
            return STORE_OK;
    }
    return STORE_OK;
}

/* Receives until the RESULT, or until `each` ends the call. */
static enum store_err receive_result(struct call *call)
{
    for (;;) {
        enum store_err err = STORE_OK;
        uint8_t type;

        TRY(channel_receive(&call->connection, &type, &call->body, call->deadline));
        switch (type) {
        case FRAME_LOG:
            err = open_log_line(&call->body) ? STORE_OK : STORE_CORRUPT;
            break;
        case FRAME_EACH:
            err = take_each(call);
            break;
        case FRAME_RESULT:
            call->in = (struct frame_in){.body = &call->body};
            call->err = frame_get_err(&call->in);
            return call->in.bad ? STORE_CORRUPT : STORE_OK;
        default:
            err = STORE_CORRUPT;
        }
        if (err != STORE_OK || call->each_err != STORE_OK)
            return err;
    }
}

enum store_err call_make(struct call *call, struct pool *pool, const char *timeout,
                         struct frame_out *request)
{
    enum store_err err = frame_end(request);

    call->pool = pool;
    call->deadline =
        store_time_monotonic() + store_conf_number(pool->conf, timeout) * STORE_TIME_MS;
    if (err != STORE_OK) {
        store_log(STORE_LOG_ERROR,
                  "store: the request is too big, or there is no memory for it; "
                  "a value has at most %zu bytes",
                  FRAME_VALUE_MAX);
        return err;
    }
    TRY(pool_acquire(pool, &call->connection, call->deadline));
    err = channel_send(&call->connection, request, call->deadline);
    if (err == STORE_OK)
        err = receive_result(call);
    if (err == STORE_OK && call->each_err == STORE_OK)
        return STORE_OK;
    pool_drop(pool, &call->connection, err == STORE_TIMEOUT);
    store_secret_wipe(&call->body);
    return err != STORE_OK ? connection_failed(call, err) : call->each_err;
}

enum store_err call_end(struct call *call)
{
    bool whole = frame_done(&call->in);

    store_secret_wipe(&call->body);
    if (whole) {
        pool_keep(call->pool, &call->connection);
        return call->err;
    }
    pool_drop(call->pool, &call->connection, false);
    return connection_failed(call, STORE_CORRUPT);
}

enum store_err call_finish(struct pool *pool, const char *timeout, struct frame_out *request)
{
    struct call call = {0};

    TRY(call_make(&call, pool, timeout, request));
    return call_end(&call);
}
