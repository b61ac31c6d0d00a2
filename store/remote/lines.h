/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_REMOTE_LINES_H
#define STORE_REMOTE_LINES_H

#include "store/remote/frame.h"
#include "store/log.h"

/*
 * The store process's log lines, on their way to the module's log. Lines of a call wait in a
 * bounded queue of the thread that serves it, and leave with the answer, so a host never reads
 * about another's keys. All other lines, such as those of health checks, go to this process's log.
 *
 * Lines of one answer that differ only in keys become one line with their number, and a bulk read
 * does not repeat a line of the same connection for some seconds: a listing of 40 secrets that the
 * store denies logs one line.
 */

/* Routes all lines from now on as above. */
void lines_redirect(void);

/* Appends this thread's queued lines to `out` as LOG frames. `bulk`: they are lines of a bulk
 * read. */
void lines_dequeue(struct frame_out *out, bool bulk);

/* Begins and ends this thread's queue. */
void lines_thread_begin(void);
void lines_thread_end(void);

/* Drops this thread's lines, or stops that, for a caller that reports the error itself. */
void lines_quiet(bool quiet);

#endif
