/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_REMOTE_REMOTE_H
#define STORE_REMOTE_REMOTE_H

#include "store/backend.h"

/*
 * The module's end: the contract, answered by the store process (docs/store-process.md). A ctx
 * belongs to one token. The first call starts the store process, and so does the first call after
 * it has ended or stopped answering.
 *
 * TIMEOUT: no answer by the deadline. UNAVAILABLE: the store process cannot be started, or died
 * during the call. In both cases a write or a remove may have been done.
 */
extern const struct store_backend remote_backend;

/* The same without write and remove, for a read-only store. */
extern const struct store_backend remote_read_only_backend;

#endif
