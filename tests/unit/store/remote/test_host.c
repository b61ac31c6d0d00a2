/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "store/remote/channel.h"
#include "store/remote/host.h"
#include "store/remote/open.h"

static atomic_int lines; /* that were logged */

static void count_line(void *arg, enum store_log_level level, const char *text)
{
    (void)arg;
    (void)level;
    (void)text;
    atomic_fetch_add(&lines, 1);
}

static int setup(void **state)
{
    (void)state;
    atomic_store(&lines, 0);
    store_log_redirect(count_line, NULL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    store_log_redirect(NULL, NULL);
    return 0;
}

/* A token on the backend env; `prefix` may be NULL. */
static struct store_conf_set *token(const char *label, const char *prefix)
{
    struct store_conf_set *set = NULL;

    assert_int_equal(store_conf_begin(&set, label, "env"), STORE_OK);
    if (prefix != NULL)
        assert_int_equal(store_conf_put(set, "env.prefix", prefix, strlen(prefix), "test"),
                         STORE_OK);
    return set;
}

struct service {
    struct host *host;
    int fd;
};

static void *serve(void *arg)
{
    const struct service *service = arg;

    host_serve(service->host, service->fd);
    return NULL;
}

/* Opens one connection with a token's settings. */
static enum store_err open_once(struct host *host, const char *label, const char *prefix)
{
    struct store_conf_set *set = token(label, prefix);
    struct service service = {.host = host};
    struct channel channel = {-1, -1};
    enum store_err err;
    pthread_t thread;
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    channel.fd = ends[0];
    service.fd = ends[1];
    assert_int_equal(pthread_create(&thread, NULL, serve, &service), 0);
    err = open_connection(&channel, store_conf_at(set, 0), CHANNEL_FOREVER);
    channel_close(&channel);
    pthread_join(thread, NULL);
    store_conf_free(set);
    return err;
}

static void connections_with_the_same_settings_share_a_store(void **state)
{
    struct host host;

    (void)state;
    host_init(&host, NULL);
    assert_int_equal(open_once(&host, "a", "A_"), STORE_OK);
    assert_int_equal(open_once(&host, "a", "A_"), STORE_OK);
    assert_int_equal(host.count, 1);
    assert_int_equal(open_once(&host, "a", "B_"), STORE_OK);
    assert_int_equal(host.count, 2);
    host_free(&host);
}

static void a_shared_process_serves_its_own_tokens_only(void **state)
{
    struct store_conf_set *own = token("own", "OWN_");
    struct host host;

    (void)state;
    host_init(&host, own);
    assert_int_equal(open_once(&host, "own", "OWN_"), STORE_OK);
    assert_int_equal(open_once(&host, "other", NULL), STORE_OK); /* the only one there is */
    assert_int_equal(host.count, 1);
    assert_int_equal(atomic_load(&lines), 0);
    assert_int_equal(open_once(&host, "own", "ELSEWHERE_"), STORE_BAD_CONF);
    assert_int_equal(host.count, 1);
    assert_true(atomic_load(&lines) > 0);
    host_free(&host);
    store_conf_free(own);
}

static void an_invalid_request_ends_the_connection(void **state)
{
    struct host host;
    struct service service = {.host = &host};
    pthread_t thread;
    char byte;
    int ends[2];

    (void)state;
    host_init(&host, NULL);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    service.fd = ends[1];
    assert_int_equal(pthread_create(&thread, NULL, serve, &service), 0);
    assert_int_equal(send(ends[0], "GET / HTTP/1.1\r\n\r\n", 18, MSG_NOSIGNAL), 18);
    assert_true(read(ends[0], &byte, 1) <= 0);
    pthread_join(thread, NULL);
    assert_int_equal(atomic_load(&lines), 1);
    close(ends[0]);
    host_free(&host);
}

static enum store_err health_err;

static void told_health(struct store_ctx *ctx, struct store_health *out)
{
    (void)ctx;
    *out = (struct store_health){.err = health_err};
}

static void no_close(struct store_ctx *ctx)
{
    (void)ctx;
}

static void a_store_that_gets_unwell_is_logged_once(void **state)
{
    static const struct store_backend backend = {.health = told_health, .close = no_close};
    static const struct store_registration row = {.watched = true};
    struct store_conf_set *set = token("watched", NULL);
    struct hosted *hosted = calloc(1, sizeof *hosted);
    struct host host;
    bool unwell = false;

    (void)state;
    assert_non_null(hosted);
    *hosted = (struct hosted){.set = set,
                              .conf = store_conf_at(set, 0),
                              .store = {.backend = &backend, .registration = &row}};
    host_init(&host, NULL);
    host.stores[host.count++] = hosted;
    host_check(hosted, &unwell);
    assert_int_equal(atomic_load(&lines), 0);
    health_err = STORE_AUTH;
    host_check(hosted, &unwell);
    host_check(hosted, &unwell);
    assert_int_equal(atomic_load(&lines), 1);
    health_err = STORE_OK;
    host_check(hosted, &unwell);
    assert_int_equal(atomic_load(&lines), 2);
    host_free(&host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        CASE(connections_with_the_same_settings_share_a_store),
        CASE(a_shared_process_serves_its_own_tokens_only),
        CASE(an_invalid_request_ends_the_connection),
        CASE(a_store_that_gets_unwell_is_logged_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
