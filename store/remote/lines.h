/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_REMOTE_LINES_H
#define BACKENDS_REMOTE_LINES_H

#include "store/remote/frame.h"
#include "store/log.h"

/*
 * What the store process logs on its way to the module's log. Lines of a call wait in a bounded
 * queue of the thread that serves it until the answer takes them along, so no host reads about
 * another's keys. All others (of health checks, say) are written to the log of this process.
 *
 * Lines of one answer that differ in keys alone are one, with their number; and a bulk read does
 * not repeat for some seconds what one on the same connection has just said: listing 40 secrets
 * that may not be read is one line.
 */

/* Sends lines where they belong, from now on. */
void lines_redirect(void);

/* Appends what is queued for this thread's connection to `out`, as LOG frames. `bulk`: these are
 * the lines of a bulk read. */
void lines_take(struct frame_out *out, bool bulk);

/* Begins and ends this thread's queue. */
void lines_thread_begin(void);
void lines_thread_end(void);

/* Whether this thread's lines are dropped: who asks has other ways to tell. */
void lines_quiet(bool quiet);

#endif
