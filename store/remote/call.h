/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_REMOTE_CALL_H
#define STORE_REMOTE_CALL_H

#include "store/backend.h"
#include "store/remote/frame.h"
#include "store/remote/pool.h"

/* One call. `each` handles EACH frames (NULL: none may come), and the caller handles the RESULT. */
struct call {
    struct pool *pool;
    struct channel connection;
    int64_t deadline;
    store_each_fn *each;
    void *each_arg;
    enum store_err each_err; /* the error by which `each` has ended the call */
    struct store_secret body;
    struct frame_in in; /* the RESULT after its error */
    enum store_err err; /* the RESULT's error */
};

/* Makes a call up to its RESULT, within the setting `timeout` ("timeout_ms"). If OK, the caller
 * decodes the rest of the RESULT, and call_end must follow. Logs failures of the connection. */
enum store_err call_make(struct call *call, struct pool *pool, const char *timeout,
                         struct frame_out *request) STORE_CHECKED;

/* Ends a call, whose error it returns. */
enum store_err call_end(struct call *call) STORE_CHECKED;

/* Makes and ends a call whose RESULT has nothing but its error. */
enum store_err call_finish(struct pool *pool, const char *timeout,
                           struct frame_out *request) STORE_CHECKED;

#endif
