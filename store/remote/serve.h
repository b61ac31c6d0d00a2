/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_REMOTE_SERVE_H
#define STORE_REMOTE_SERVE_H

#include "store/remote/channel.h"
#include "store/remote/host.h"

/* Answers one request of `peer` for `hosted`, and sends the answer to `channel`. CORRUPT: not a
 * request. UNAVAILABLE: the host is gone. */
enum store_err serve_request(struct host *host, struct hosted *hosted,
                             const struct store_audit_process *peer, const struct channel *channel,
                             uint8_t type, const struct store_secret *body) STORE_CHECKED;

/* Sends the log lines and a RESULT with nothing but an error. */
enum store_err serve_error(const struct channel *channel, enum store_err err) STORE_CHECKED;

#endif
