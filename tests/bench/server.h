/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_BENCH_SERVER_H
#define TESTS_BENCH_SERVER_H

#include <stddef.h>

/* An HTTP server in threads of this process, to measure clients with: it keeps connections and
 * answers 200 at once, or after a while. */

/* The body of the answer to a request, which is given with its headers; lives as long as the
 * program. Called in any thread. */
typedef const char *server_answer_fn(const char *request);

/* Starts it, and writes its URL, without a '/' at the end. */
void server_start(char *url, size_t size, server_answer_fn *answer);

/* How long every answer is held back from now on, in nanoseconds, less than a second. */
void server_delay(long ns);

/* How many requests there have been. */
unsigned long server_requests(void);

#endif
