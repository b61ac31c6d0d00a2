/* SPDX-License-Identifier: Apache-2.0 */
#include "rounds.h"

#include <errno.h>

#include "store/time.h"

/* How long nobody is let in where there is no room. */
#define PAUSE_MS 100

void rounds_pause(struct pollfd *fd)
{
    (void)!poll(fd, 1, PAUSE_MS);
}

int rounds_wait(struct host *host, struct pollfd *fds, nfds_t count)
{
    static int64_t next;

    if (next == 0)
        next = store_time_monotonic() + ROUNDS_S * INT64_C(1000000000);
    for (;;) {
        int64_t left = next - store_time_monotonic();
        int n = poll(fds, count, left <= 0 ? 0 : (int)(left / 1000000) + 1);
        if (n > 0 || (n < 0 && errno != EINTR))
            return n;
        if (store_time_monotonic() < next)
            continue;
        next = store_time_monotonic() + ROUNDS_S * INT64_C(1000000000);
        host_check(host);
    }
}
