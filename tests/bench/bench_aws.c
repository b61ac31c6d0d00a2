/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cost of a cold read from AWS beside the same request on a bare libcurl handle that keeps its
 * connection, in turns, against a server in this process that answers at once or after a while.
 * Prints; asserts nothing.
 *
 *     bench_aws [ROUNDS [SIDESEAT-STORE]]
 */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/measure.h"
#include "tests/bench/server.h"
#include "store/backend.h"
#include "tests/bench/stored.h"

#define ROUNDS 2000
#define ROUNDS_MAX 20000

static const char body[] =
    "{\"ARN\":\"arn:aws:secretsmanager:eu-west-1:123456789012:secret:sideseat/global/a-AbCdEf\","
    "\"Name\":\"sideseat/global/a\",\"VersionId\":\"01234567-89ab-cdef-0123-456789abcdef\","
    "\"SecretString\":\"{\\\"value\\\":\\\"sk-0123456789abcdef0123456789abcdef\\\","
    "\\\"metadata\\\":"
    "{\\\"created_at\\\":\\\"2026-01-02T03:04:05Z\\\",\\\"updated_at\\\":\\\"2026-01-02T03:04:"
    "05Z\\\"}}\","
    "\"VersionStages\":[\"AWSCURRENT\"],\"CreatedDate\":1700000000.5}";

static const char *answer(const char *request)
{
    (void)request;
    return body;
}

static size_t drop(char *data, size_t size, size_t count, void *arg)
{
    (void)data;
    (void)arg;
    return size * count;
}

/* The same request, with headers of the same size, as bare as libcurl allows. */
static CURL *bare_open(const char *url)
{
    CURL *handle = curl_easy_init();
    struct curl_slist *headers = NULL;

    headers = curl_slist_append(headers, "Content-Type: application/x-amz-json-1.1");
    headers = curl_slist_append(headers, "X-Amz-Target: secretsmanager.GetSecretValue");
    headers = curl_slist_append(headers, "X-Amz-Date: 20260102T030405Z");
    headers = curl_slist_append(
        headers, "Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/eu-west-1/"
                 "secretsmanager/aws4_request, SignedHeaders=content-type;host;x-amz-date;"
                 "x-amz-target, Signature="
                 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
    curl_easy_setopt(handle, CURLOPT_URL, url);
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, "{\"SecretId\":\"sideseat/global/a\"}");
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, drop);
    return handle;
}

static struct store store_start(const char *url, enum store_side side, const char *program)
{
    struct store_conf_set *set = NULL;
    struct store store;

    if (store_conf_begin(&set, "bench", "aws") != STORE_OK)
        measure_fail("no configuration");
    stored_setting(set, "aws.endpoint_url", url);
    stored_setting(set, "aws.region", "eu-west-1");

    if (program != NULL)
        stored_setting(set, "store.program", program);
    if (store_open_at(&store, store_conf_at(set, 0), side) != STORE_OK)
        measure_fail("the store does not open");
    return store;
}

static int64_t bare_time(CURL *handle)
{
    int64_t start = measure_now();

    if (curl_easy_perform(handle) != CURLE_OK)
        measure_fail("a bare request failed");
    return measure_now() - start;
}

static void compare(const char *name, long delay, const struct store *store, CURL *bare,
                    size_t rounds)
{
    static int64_t ours[ROUNDS_MAX];
    static int64_t theirs[ROUNDS_MAX];
    char label[80];
    double our_us;
    double their_us;

    server_delay(delay);
    for (size_t i = 0; i < 20; i++)
        (void)(stored_read_time(store, "global/a") + bare_time(bare));
    for (size_t i = 0; i < rounds; i++) {
        ours[i] = stored_read_time(store, "global/a");
        theirs[i] = bare_time(bare);
    }
    our_us = (double)measure_percentile(ours, rounds, 50) / 1e3;
    their_us = (double)measure_percentile(theirs, rounds, 50) / 1e3;
    snprintf(label, sizeof label, "aws_%s_read_server_%ld_us", name, delay / 1000);
    measure_print(label, our_us, "us");
    snprintf(label, sizeof label, "aws_%s_bare_server_%ld_us", name, delay / 1000);
    measure_print(label, their_us, "us");
    snprintf(label, sizeof label, "aws_%s_more_server_%ld_us", name, delay / 1000);
    measure_print(label, our_us - their_us, "us");
    snprintf(label, sizeof label, "aws_%s_ratio_server_%ld_us", name, delay / 1000);
    measure_print(label, our_us / their_us, "ratio");
}

int main(int argc, char **argv)
{
    size_t rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : ROUNDS;
    const char *program = argc > 2 ? argv[2] : NULL;
    struct store direct;
    struct store remote;
    char url[64];
    CURL *bare;

    setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", 1);
    setenv("HOME", "/nonexistent", 1);
    setenv("no_proxy", "127.0.0.1", 1);
    if (rounds == 0 || rounds > ROUNDS_MAX)
        measure_fail("usage: bench_aws [ROUNDS [SIDESEAT-STORE]]");
    server_start(url, sizeof url, answer);
    direct = store_start(url, STORE_IN_PROCESS, NULL);
    bare = bare_open(url);
    compare("direct", 0, &direct, bare, rounds);
    compare("direct", 1000000, &direct, bare, rounds / 4 + 1);
    if (program != NULL) {
        remote = store_start(url, STORE_IN_STORE_PROCESS, program);
        compare("process", 0, &remote, bare, rounds);
        compare("process", 1000000, &remote, bare, rounds / 4 + 1);
        store_close(&remote);
    }
    store_close(&direct);
    curl_easy_cleanup(bare);
    return 0;
}
