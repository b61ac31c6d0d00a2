/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_REMOTE_OPEN_H
#define STORE_REMOTE_OPEN_H

#include "store/remote/channel.h"
#include "store/log.h"

/* The first call on each connection: compares versions and sends the token's settings. A shared
 * store process has its own secrets, so it gets none. Logs nothing. UNSUPPORTED: the other end has
 * another version. */
enum store_err open_connection(const struct channel *channel, const struct store_conf *conf,
                               int64_t deadline) STORE_CHECKED;

/* Logs the error of open_connection, and returns it. */
enum store_err open_failed(enum store_err err, const struct store_conf *conf);

/* Decodes an OPEN into the level and the target (store_log_open) of the module's log and a set of
 * one token, which the caller frees. CORRUPT: not an OPEN. UNSUPPORTED: another version. BAD_CONF,
 * logged: a mistake in the settings. */
enum store_err open_decode(const struct store_secret *body, enum store_log_level *level,
                           char target[FRAME_TEXT_MAX], struct store_conf_set **out) STORE_CHECKED;

/* Writes a LOG frame's line to the log; false if the frame is not a LOG. */
bool open_log_line(const struct store_secret *body);

#endif
