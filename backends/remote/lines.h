/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_REMOTE_LINES_H
#define BACKENDS_REMOTE_LINES_H

#include "frame.h"
#include "store/log.h"

/*
 * What the store process logs on its way to the module's log. Lines wait in a bounded queue until
 * a call's answer goes out and takes them along; there is one queue for the process, whose lines
 * any connection may take, and one for each thread that serves a call in a shared store process,
 * so that no host reads about another's keys.
 */

/* Sends lines to queues from now on. `shared`: only those of calls; the rest goes to standard
 * error. */
void lines_redirect(bool shared);

/* Appends what is queued for this thread's connection to `out`, as LOG frames. */
void lines_take(struct frame_out *out);

/* In a shared store process: begins and ends this thread's queue. */
void lines_thread_begin(void);
void lines_thread_end(void);

#endif
