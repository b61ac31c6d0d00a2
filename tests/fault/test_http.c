/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/http/http.h"
#include "backends/http/retry.h"
#include "store/time.h"

/* backends/http against tests/servers/faults.py. */

#define SECOND STORE_TIME_S

static struct http_client *client_open(const struct http_options *options)
{
    struct http_client *client = NULL;

    assert_int_equal(http_client_open(&client, options), STORE_OK);
    return client;
}

static enum store_err get(struct http_client *client, const char *base, const char *fault,
                          int64_t ms, struct http_reply *reply)
{
    char url[256];
    struct http_request request = {.method = "GET",
                                   .url = url,
                                   .deadline_ns = store_time_monotonic() + ms * STORE_TIME_MS,
                                   .reply_max = 1000000};

    snprintf(url, sizeof url, "%s/%s", getenv(base), fault);
    return http_run(client, &request, reply);
}

static void a_reply_comes_with_its_body_and_headers(void **state)
{
    struct http_client *client = client_open(&(struct http_options){0});
    char date[64];
    char after[16];
    struct http_wanted wanted[] = {{"date", date, sizeof date}, {"retry-after", after, 16}};
    struct http_reply reply = {.wanted = wanted, .wanted_count = 2};

    (void)state;
    assert_int_equal(get(client, "FAULT_URL", "ok", 10000, &reply), STORE_OK);
    assert_int_equal(reply.status, 200);
    assert_true(store_secret_equal(&reply.body, "{\"ok\":true}", 11));
    assert_string_equal(after, "7");
    assert_int_equal(http_retry_after(after), 7000);
    assert_true(http_date(date) == 784111777 * SECOND);
    assert_int_equal(get(client, "FAULT_URL", "redirect", 10000, &reply), STORE_OK);
    assert_int_equal(reply.status, 307);
    assert_int_equal(get(client, "FAULT_URL", "status-503", 10000, &reply), STORE_OK);
    assert_int_equal(reply.status, 503);
    assert_true(http_retry_status(503) && http_retry_status(429) && !http_retry_status(501));
    store_secret_wipe(&reply.body);
    http_client_close(client);
}

static void pauses_and_dates_of_any_size_are_borne(void **state)
{
    static const char *const none[] = {"",
                                       "-1",
                                       "-9223372036854775808",
                                       "-99999999999999999999",
                                       "1e5",
                                       "x",
                                       "Thu, 01 Jan 1970 00:00:00 GMT",
                                       "0",
                                       "0.5",
                                       "Sun, 06 Nov 1994 08:49:37 GMT"};
    static const char *const long_ones[] = {"3600", "9223372036854775", "9223372036854775807",
                                            "99999999999999999999999"};

    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_int_equal(http_retry_after(none[i]), 0);
    for (size_t i = 0; i < sizeof long_ones / sizeof long_ones[0]; i++)
        assert_int_equal(http_retry_after(long_ones[i]), 3600000);
    /* past the last time that there is in nanoseconds */
    assert_int_equal(http_date("Fri, 31 Dec 9999 23:59:59 GMT"), 0);
    assert_int_equal(http_retry_after("Fri, 31 Dec 9999 23:59:59 GMT"), 0);
    assert_int_equal(http_retry_after("Thu, 31 Dec 2099 23:59:59 GMT"), 3600000);
}

static void an_endless_call_ends_by_the_deadline(void **state)
{
    static const char *const faults[] = {"stall", "drip", "drip-headers"};
    struct http_client *client = client_open(&(struct http_options){0});
    struct http_reply reply = {0};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(get(client, "FAULT_URL", faults[i], 300, &reply), STORE_TIMEOUT);
        assert_int_equal(reply.status, 0);
        assert_null(reply.body.data);
        assert_true(reply.why[0] != '\0');
    }
    assert_int_equal(get(client, "FAULT_URL", "ok", 0, &reply), STORE_TIMEOUT);
    assert_true(reply.unsent);
    http_client_close(client);
}

static void an_answer_that_is_not_a_reply_is_unavailable(void **state)
{
    static const char *const faults[] = {"reset",    "truncate", "chunk-cut",
                                         "nonsense", "hangup",   "huge"};
    struct http_client *client = client_open(&(struct http_options){0});
    struct http_reply reply = {0};

    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        assert_int_equal(get(client, "FAULT_URL", faults[i], 10000, &reply), STORE_UNAVAILABLE);
        assert_int_equal(reply.status, 0);
        assert_null(reply.body.data);
        assert_false(reply.unsent);
    }
    assert_true(reply.hopeless);
    assert_string_equal(reply.why, "the reply is larger than 1000000 bytes");
    assert_int_equal(get(client, "FAULT_CLOSED_URL", "ok", 10000, &reply), STORE_UNAVAILABLE);
    assert_true(reply.unsent && !reply.hopeless);
    http_client_close(client);
}

static void a_certificate_must_be_trusted_and_name_the_server(void **state)
{
    const struct http_options known = {.ca_file = getenv("FAULT_CA")};
    const struct http_options named = {.ca_file = getenv("FAULT_CA"), .server_name = "vault.test"};
    const struct http_options any = {.skip_verify = true, .https_only = true};
    struct http_client *client = client_open(&(struct http_options){0});
    struct http_reply reply = {0};

    (void)state;
    assert_int_equal(get(client, "FAULT_TLS_URL", "ok", 10000, &reply), STORE_UNAVAILABLE);
    assert_true(reply.untrusted && reply.hopeless && reply.unsent);
    http_client_close(client);
    client = client_open(&known); /* the certificate is for another name than localhost */
    assert_int_equal(get(client, "FAULT_TLS_URL", "ok", 10000, &reply), STORE_UNAVAILABLE);
    assert_true(reply.untrusted);
    http_client_close(client);
    client = client_open(&named);
    assert_int_equal(get(client, "FAULT_TLS_URL", "ok", 10000, &reply), STORE_OK);
    http_client_close(client);
    client = client_open(&any);
    assert_int_equal(get(client, "FAULT_TLS_URL", "ok", 10000, &reply), STORE_OK);
    assert_int_equal(get(client, "FAULT_URL", "ok", 10000, &reply), STORE_UNAVAILABLE);
    assert_true(reply.hopeless);
    store_secret_wipe(&reply.body);
    http_client_close(client);
}

/* Not a lack of memory, which another attempt might not have. */
static void a_request_that_cannot_be_set_up_says_why(void **state)
{
    const struct http_options options = {.skip_verify = true, .server_name = "bad host"};
    struct http_client *client = client_open(&options);
    struct http_reply reply = {0};

    (void)state;
    assert_int_equal(http_host_check("vault.test"), STORE_OK);
    assert_int_equal(http_host_check("[::1]"), STORE_OK);
    assert_int_equal(http_host_check("bad host"), STORE_BAD_VALUE);
    assert_int_equal(http_host_check("a/b"), STORE_BAD_VALUE);
    assert_int_equal(get(client, "FAULT_TLS_URL", "ok", 10000, &reply), STORE_UNAVAILABLE);
    assert_true(reply.hopeless && reply.unsent && !reply.untrusted);
    assert_non_null(strstr(reply.why, "URL"));
    http_client_close(client);
}

struct seen {
    unsigned count[40];
    unsigned failed;
};

static enum store_err see(void *arg, size_t index, enum store_err err, struct http_reply *reply)
{
    struct seen *seen = arg;

    seen->count[index]++;
    if (index % 10 == 9) {
        assert_int_equal(err, STORE_UNAVAILABLE);
        seen->failed++;
        return STORE_OK;
    }
    assert_int_equal(err, STORE_OK);
    assert_int_equal(reply->status, 200);
    return index == 30 ? STORE_CORRUPT : STORE_OK;
}

static void a_batch_answers_for_each_request_once(void **state)
{
    struct http_client *client = client_open(&(struct http_options){0});
    struct http_request requests[40];
    char urls[40][128];
    struct seen seen = {0};

    (void)state;
    for (size_t i = 0; i < 40; i++) {
        snprintf(urls[i], sizeof urls[i], "%s/%s", getenv("FAULT_URL"),
                 i % 10 == 9 ? "truncate" : "wait-5/ok");
        requests[i] = (struct http_request){
            .method = "GET", .url = urls[i], .deadline_ns = store_time_monotonic() + 20 * SECOND};
    }
    assert_int_equal(http_run_many(client, requests, 30, 8, see, &seen), STORE_OK);
    for (size_t i = 0; i < 30; i++)
        assert_int_equal(seen.count[i], 1);
    assert_int_equal(seen.failed, 3);
    assert_int_equal(http_run_many(client, requests, 40, 4, see, &seen), STORE_CORRUPT);
    assert_int_equal(http_run_many(client, requests, 0, 4, see, &seen), STORE_OK);
    http_client_close(client);
}

static void *ask_often(void *arg)
{
    struct http_reply reply = {0};
    size_t bad = 0;

    for (int i = 0; i < 30; i++)
        bad += get(arg, "FAULT_URL", "ok", 20000, &reply) != STORE_OK || reply.body.len != 11;
    store_secret_wipe(&reply.body);
    return (void *)bad;
}

static void threads_share_a_client(void **state)
{
    struct http_client *client = client_open(&(struct http_options){0});
    pthread_t threads[8];
    void *bad;

    (void)state;
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask_often, client), 0);
    for (size_t i = 0; i < 8; i++) {
        assert_int_equal(pthread_join(threads[i], &bad), 0);
        assert_null(bad);
    }
    http_client_close(client);
}

static void retries_end_with_the_attempts_and_before_the_deadline(void **state)
{
    struct http_retry few = {.attempts = 3, .base_ms = 2, .most_ms = 4};
    struct http_retry late = {.attempts = 9, .base_ms = 1, .most_ms = 4};

    (void)state;
    few.deadline_ns = late.deadline_ns = store_time_monotonic() + 20 * SECOND;
    assert_true(http_retry_wait(&few, 0));
    assert_true(http_retry_wait(&few, 3));
    assert_false(http_retry_wait(&few, 0));
    assert_false(http_retry_wait(&late, 30000));
    assert_int_equal(http_retry_after("soon"), 0);
    assert_int_equal(http_retry_after("-1"), 0);
    assert_int_equal(http_retry_after(""), 0);
}

static void a_file_that_is_not_there_is_bad_configuration(void **state)
{
    struct http_client *client = NULL;

    (void)state;
    assert_int_equal(
        http_client_open(&client, &(struct http_options){.ca_file = "/nowhere/ca.pem"}),
        STORE_BAD_CONF);
    assert_null(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reply_comes_with_its_body_and_headers),
        cmocka_unit_test(pauses_and_dates_of_any_size_are_borne),
        cmocka_unit_test(an_endless_call_ends_by_the_deadline),
        cmocka_unit_test(an_answer_that_is_not_a_reply_is_unavailable),
        cmocka_unit_test(a_certificate_must_be_trusted_and_name_the_server),
        cmocka_unit_test(a_request_that_cannot_be_set_up_says_why),
        cmocka_unit_test(a_batch_answers_for_each_request_once),
        cmocka_unit_test(threads_share_a_client),
        cmocka_unit_test(retries_end_with_the_attempts_and_before_the_deadline),
        cmocka_unit_test(a_file_that_is_not_there_is_bad_configuration),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
