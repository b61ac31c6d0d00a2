/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cost of a cold read from Vault beside the same request on a bare libcurl handle that keeps
 * its connection, in turns, and of a listing of 10,000 keys in 200 organizations beside the same
 * requests one after another; against a server in this process that answers at once or after a
 * while. Prints; asserts nothing.
 *
 *     bench_vault [ROUNDS]
 */
#include <curl/curl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/measure.h"
#include "tests/bench/server.h"
#include "store/backend.h"
#include "tests/bench/stored.h"

#define ROUNDS 2000
#define ROUNDS_MAX 20000
#define ORGANIZATIONS 200
#define NAMES 50

static const char mount[] =
    "{\"data\":{\"type\":\"kv\",\"path\":\"secret/\",\"options\":{\"version\":\"2\"}}}";
static const char secret[] =
    "{\"request_id\":\"01234567-89ab-cdef-0123-456789abcdef\",\"lease_id\":\"\",\"renewable\":"
    "false,"
    "\"lease_duration\":0,\"data\":{\"data\":{\"value\":\"sk-0123456789abcdef0123456789abcdef\","
    "\"metadata\":{\"created_at\":\"2026-01-02T03:04:05Z\",\"updated_at\":\"2026-01-02T03:04:05Z\"}"
    "}"
    ",\"metadata\":{\"created_time\":\"2026-01-02T03:04:05.123456789Z\",\"custom_metadata\":null,"
    "\"deletion_time\":\"\",\"destroyed\":false,\"version\":7}},\"wrap_info\":null}";
static const char scopes[] = "{\"data\":{\"keys\":[\"org/\"]}}";
static char organizations[8192];
static char names[8192];

/* {"data":{"keys":[…]}} with `count` names that end so. */
static void keys_make(char *out, size_t size, unsigned count, const char *end)
{
    size_t len = (size_t)snprintf(out, size, "{\"data\":{\"keys\":[");
    char key[32];

    for (unsigned i = 0; i < count; i++) {
        snprintf(key, sizeof key, "o%u%s", i, end);
        len += (size_t)snprintf(out + len, size - len, "%s\"%s\"", i == 0 ? "" : ",", key);
    }
    snprintf(out + len, size - len, "]}}");
}

static const char *answer(const char *request)
{
    if (strstr(request, "/sys/internal/ui/mounts/") != NULL)
        return mount;
    if (strstr(request, "list=true") == NULL)
        return secret;
    if (strstr(request, "/sideseat/?list") != NULL)
        return scopes;
    return strstr(request, "/sideseat/org/?list") != NULL ? organizations : names;
}

static size_t drop(char *data, size_t size, size_t count, void *arg)
{
    (void)data;
    (void)arg;
    return size * count;
}

static CURL *bare_open(void)
{
    CURL *handle = curl_easy_init();
    struct curl_slist *headers = curl_slist_append(NULL, "X-Vault-Request: true");

    headers = curl_slist_append(headers, "X-Vault-Token: hvs.0123456789abcdef01234567");
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, drop);
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
    return handle;
}

static int64_t bare_time(CURL *handle, const char *url, const char *path)
{
    char full[512];
    int64_t start;

    snprintf(full, sizeof full, "%s/v1/secret/%s", url, path);
    curl_easy_setopt(handle, CURLOPT_URL, full);
    start = measure_now();
    if (curl_easy_perform(handle) != CURLE_OK)
        measure_fail("a bare request failed");
    return measure_now() - start;
}

static struct store store_start(const char *url)
{
    struct store_conf_set *set = NULL;
    struct store store;

    if (store_conf_begin(&set, "bench", "vault") != STORE_OK)
        measure_fail("no configuration");
    stored_setting(set, "vault.address", url);
    stored_setting(set, "vault.token", "hvs.0123456789abcdef01234567");
    if (store_open_at(&store, store_conf_at(set, 0), STORE_IN_PROCESS) != STORE_OK)
        measure_fail("the store does not open");
    return store;
}

static void print(const char *name, long delay, double value, const char *unit)
{
    char label[80];

    snprintf(label, sizeof label, "vault_%s_server_%ld_us", name, delay / 1000);
    measure_print(label, value, unit);
}

static void compare_reads(long delay, const struct store *store, const char *url, CURL *bare,
                          size_t rounds)
{
    static int64_t ours[ROUNDS_MAX];
    static int64_t theirs[ROUNDS_MAX];
    double our_us;
    double their_us;

    server_delay(delay);
    for (size_t i = 0; i < rounds; i++) {
        ours[i] = stored_read_time(store, "global/a");
        theirs[i] = bare_time(bare, url, "data/sideseat/global/a");
    }
    our_us = (double)measure_percentile(ours, rounds, 50) / 1e3;
    their_us = (double)measure_percentile(theirs, rounds, 50) / 1e3;
    print("read", delay, our_us, "us");
    print("bare_read", delay, their_us, "us");
    print("read_more", delay, our_us - their_us, "us");
    print("read_ratio", delay, our_us / their_us, "ratio");
}

static enum store_err count_key(void *arg, const char *key, enum store_err err,
                                const struct store_record *record)
{
    size_t *count = arg;

    (void)key;
    (void)record;
    ++*count;
    return err;
}

/* The requests of a listing, one after another. */
static int64_t bare_listing_time(CURL *bare, const char *url)
{
    char path[64];
    int64_t total = bare_time(bare, url, "metadata/sideseat/?list=true");

    total += bare_time(bare, url, "metadata/sideseat/org/?list=true");
    for (unsigned i = 0; i < ORGANIZATIONS; i++) {
        snprintf(path, sizeof path, "metadata/sideseat/org/o%u/?list=true", i);
        total += bare_time(bare, url, path);
    }
    return total;
}

static void compare_listings(long delay, const struct store *store, const char *url, CURL *bare)
{
    int64_t ours[5];
    int64_t theirs[5];
    unsigned long requests = 0;

    server_delay(delay);
    for (size_t i = 0; i < 5; i++) {
        unsigned long before = server_requests();
        int64_t start = measure_now();
        size_t count = 0;

        if (store->backend->list(store->ctx, "", NULL, count_key, &count) != STORE_OK ||
            count != ORGANIZATIONS * NAMES)
            measure_fail("the listing gave %zu keys", count);
        ours[i] = measure_now() - start;
        requests = server_requests() - before;
        theirs[i] = bare_listing_time(bare, url);
    }
    print("listing_requests", delay, (double)requests, "requests");
    print("listing", delay, (double)measure_percentile(ours, 5, 50) / 1e6, "ms");
    print("listing_in_sequence", delay, (double)measure_percentile(theirs, 5, 50) / 1e6, "ms");
    print("listing_ratio", delay,
          (double)measure_percentile(ours, 5, 50) / (double)measure_percentile(theirs, 5, 50),
          "ratio");
}

int main(int argc, char **argv)
{
    size_t rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : ROUNDS;
    struct store store;
    char url[64];
    CURL *bare;

    if (rounds == 0 || rounds > ROUNDS_MAX)
        measure_fail("usage: bench_vault [ROUNDS]");
    keys_make(organizations, sizeof organizations, ORGANIZATIONS, "/");
    keys_make(names, sizeof names, NAMES, "");
    server_start(url, sizeof url, answer);
    store = store_start(url);
    bare = bare_open();
    compare_reads(0, &store, url, bare, rounds);
    compare_reads(1000000, &store, url, bare, rounds / 4 + 1);
    compare_listings(0, &store, url, bare);
    compare_listings(1000000, &store, url, bare);
    store_close(&store);
    curl_easy_cleanup(bare);
    return 0;
}
