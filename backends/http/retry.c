/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/http/retry.h"

#include <stdlib.h>
#include <time.h>

#include "backends/http/http.h"
#include "platform/system.h"
#include "store/time.h"

#define ASKED_MOST_MS ((int64_t)3600 * 1000)

/* A number from 0 to `most`, nearly evenly distributed; from the kernel, so that nothing here keeps
 * a state. */
static int64_t random_up_to(int64_t most)
{
    uint64_t bits = 0;

    if (platform_random(&bits, sizeof bits, true) != (ssize_t)sizeof bits)
        bits = (uint64_t)store_time_monotonic();
    return (int64_t)(bits % ((uint64_t)most + 1));
}

static void pause_until(int64_t until_ns)
{
    int64_t left;

    while ((left = until_ns - store_time_monotonic()) > 0) {
        const struct timespec pause = store_time_spec(left);
        (void)nanosleep(&pause, NULL);
    }
}

bool http_retry_wait(struct http_retry *retry, int64_t asked_ms)
{
    int64_t pause_ms = retry->base_ms;
    int64_t until_ns;

    if (++retry->made >= retry->attempts)
        return false;
    for (int i = 1; i < retry->made && pause_ms < retry->most_ms; i++)
        pause_ms *= 2;
    if (pause_ms > retry->most_ms)
        pause_ms = retry->most_ms;
    pause_ms -= random_up_to(pause_ms / 2);
    if (pause_ms < asked_ms)
        pause_ms = asked_ms;
    until_ns = store_time_monotonic() + pause_ms * STORE_TIME_MS;
    if (until_ns >= retry->deadline_ns)
        return false;
    pause_until(until_ns);
    return true;
}

int64_t http_retry_after(const char *text)
{
    char *end;
    long seconds = strtol(text, &end, 10);
    int64_t ms;

    if (text[0] == '\0')
        return 0;
    if (*end == '\0')
        ms = seconds <= 0 ? 0 : seconds < ASKED_MOST_MS / 1000 ? seconds * 1000 : ASKED_MOST_MS;
    else
        ms = (http_date(text) - store_time_now()) / STORE_TIME_MS;
    if (ms <= 0)
        return 0;
    return ms < ASKED_MOST_MS ? ms : ASKED_MOST_MS;
}

bool http_retry_status(int status)
{
    return status == 412 || status == 429 || (status >= 500 && status < 600 && status != 501);
}
