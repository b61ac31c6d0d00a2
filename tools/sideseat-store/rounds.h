/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIDESEAT_STORE_ROUNDS_H
#define SIDESEAT_STORE_ROUNDS_H

#include <poll.h>

#include "backends/remote/host.h"

/* How often the stores are looked at. */
#define ROUNDS_S 60

/* poll without an end, which has the host check its stores every ROUNDS_S seconds meanwhile.
 * Returns when a descriptor is ready; -1 when poll fails, with errno. */
int rounds_wait(struct host *host, struct pollfd *fds, nfds_t count);

/* Waits a moment, in which there may come to be room, or until the descriptor is ready. */
void rounds_pause(struct pollfd *fd);

#endif
