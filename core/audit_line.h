/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_AUDIT_LINE_H
#define CORE_AUDIT_LINE_H

#include <stddef.h>

#include "store/audit.h"

/* The queue of an audit, and its lines as JSON. One caller at a time. */

/* Uses that wait to be written, packed one behind the other. */
struct audit_queue {
    unsigned char *bytes; /* allocated at the first use */
    size_t len;
    size_t count;
};

/* Room for all waiting uses. */
#define AUDIT_QUEUE_SIZE ((size_t)1 << 20)

/* Adds a copy; false if there is no room. */
bool audit_queue_add(struct audit_queue *queue, int64_t now_ns,
                     const struct store_audit_process *process, const struct store_audit_use *use);
void audit_queue_free(struct audit_queue *queue);

/* Turns uses into lines. */
struct audit_lines;

/* NULL if memory is short. */
struct audit_lines *audit_lines_new(enum store_audit_writer writer);
void audit_lines_free(struct audit_lines *lines);

/* The lines of the uses from `*at` on, as many as fit a batch; each ends with a newline. Moves
 * `*at` behind them. The text is valid until the next call. */
const char *audit_lines_next(struct audit_lines *lines, const struct audit_queue *queue, size_t *at,
                             size_t *len, size_t *count);

/* The line that gives the number of dropped ones. */
const char *audit_lines_dropped(struct audit_lines *lines, int64_t now_ns,
                                const struct store_audit_process *process, uint64_t dropped,
                                size_t *len);

#endif
