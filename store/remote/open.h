/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_REMOTE_OPEN_H
#define BACKENDS_REMOTE_OPEN_H

#include "store/remote/channel.h"
#include "store/log.h"

/* The first call on each connection: versions are compared and the token's settings handed over.
 * A shared store process
 * gets no setting that is a secret: it has its own. Not logged. UNSUPPORTED: the other end is of
 * another version. */
enum store_err open_connection(const struct channel *channel, const struct store_conf *conf,
                               int64_t deadline) STORE_CHECKED;

/* Logs what open_connection failed with, and gives it back. */
enum store_err open_failed(enum store_err err, const struct store_conf *conf);

/* Decodes an OPEN into the level and the target (store_log_open) of the module's log and a set of
 * one token, which the caller frees. CORRUPT: no such frame.
 * UNSUPPORTED: of another version. Mistakes in settings are logged, and BAD_CONF. */
enum store_err open_decode(const struct store_secret *body, enum store_log_level *level,
                           char target[FRAME_TEXT_MAX], struct store_conf_set **out) STORE_CHECKED;

/* Writes a LOG frame's line to the log; false if it is none. */
bool open_log_line(const struct store_secret *body);

#endif
