/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/server.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/measure.h"

static atomic_long delay_ns;
static atomic_ulong requests;
static server_answer_fn *answer;

#define REPLY_MAX 65536
#define REQUEST_MAX 8192

/* Reads a request's head, and as much of its body as it says there is; false at the end. */
static bool request_read(int fd, char text[REQUEST_MAX])
{
    size_t len = 0;
    char *end = NULL;
    const char *length;

    while (end == NULL || len < (size_t)(end - text)) {
        ssize_t n = read(fd, text + len, REQUEST_MAX - 1 - len);

        if (n <= 0)
            return false;
        len += (size_t)n;
        text[len] = '\0';
        if (end == NULL && (end = strstr(text, "\r\n\r\n")) != NULL) {
            length = strcasestr(text, "content-length:");
            end += 4 + (length == NULL ? 0 : strtol(length + 15, NULL, 10));
        }
    }
    return true;
}

/* Sends a head and the body; false if the client is gone. */
static bool reply_send(int fd, const char *body)
{
    char reply[REPLY_MAX];
    int len = snprintf(reply, sizeof reply,
                       "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                       "Content-Length: %zu\r\n\r\n%s",
                       strlen(body), body);

    return write(fd, reply, (size_t)len) == len;
}

static void *connection_run(void *arg)
{
    int fd = (int)(intptr_t)arg;
    char request[REQUEST_MAX];

    while (request_read(fd, request)) {
        struct timespec pause = {0, atomic_load(&delay_ns)};

        atomic_fetch_add(&requests, 1);
        if (pause.tv_nsec > 0)
            nanosleep(&pause, NULL);
        if (!reply_send(fd, answer(request)))
            break;
    }
    close(fd);
    return NULL;
}

static void *server_run(void *arg)
{
    int listener = (int)(intptr_t)arg;

    for (;;) {
        int fd = accept(listener, NULL, NULL);
        pthread_t thread;
        int on = 1;

        if (fd < 0)
            return NULL;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (pthread_create(&thread, NULL, connection_run, (void *)(intptr_t)fd) != 0)
            measure_fail("no thread");
        pthread_detach(thread);
    }
}

void server_start(char *url, size_t size, server_answer_fn *function)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    pthread_t thread;

    answer = function;
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, len) != 0 ||
        listen(listener, 128) != 0 || getsockname(listener, (struct sockaddr *)&address, &len) != 0)
        measure_fail("no server");
    snprintf(url, size, "http://127.0.0.1:%u", (unsigned)ntohs(address.sin_port));
    if (pthread_create(&thread, NULL, server_run, (void *)(intptr_t)listener) != 0)
        measure_fail("no thread");
    pthread_detach(thread);
}

void server_delay(long ns)
{
    atomic_store(&delay_ns, ns);
}

unsigned long server_requests(void)
{
    return atomic_load(&requests);
}
