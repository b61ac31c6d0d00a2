/* SPDX-License-Identifier: Apache-2.0 */
#include <curl/curl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/measure.h"

/*
 * `sideseat-secrets copy` from a file to a real Vault, which writes, lists, reads back and
 * compares, beside the bare writes and reads of the same values: as many at a time, on libcurl
 * handles that keep their connections. In turns; prints the medians and their ratio, and judges
 * nothing. Runs under tests/servers/with_vault.py, with SIDESEAT_PKCS11_MODULE and
 * SIDESEAT_PKCS11_STORE:
 *
 *     bench_copy SIDESEAT-SECRETS [SECRETS [ROUNDS]]
 */

#define THREADS 8 /* as many as copy has writers */
#define ROUNDS_MAX 21
#define VALUE "a value of some forty bytes, as keys are"
#define RECORD                                                                                     \
    "{\"value\":\"" VALUE "\",\"metadata\":{\"created_at\":\"2026-01-02T03:04:05Z\","              \
    "\"updated_at\":\"2026-01-02T03:04:05Z\"}}"

extern char **environ;

static const char *address;
static size_t secrets = 1000;
static char folder[] = "/tmp/sideseat-bench-XXXXXX";

/* The requests that the threads divide among them. */
static struct {
    const char *method;
    size_t round;
    atomic_size_t next;
} work;

static size_t drop(char *data, size_t size, size_t count, void *arg)
{
    (void)data;
    (void)arg;
    return size * count;
}

static void *request_all(void *arg)
{
    static const char body[] = "{\"options\":{\"cas\":0},\"data\":" RECORD "}";
    struct curl_slist *headers = NULL;
    CURL *handle = curl_easy_init();
    char text[256];
    size_t i;

    (void)arg;
    (void)snprintf(text, sizeof text, "X-Vault-Token: %s", getenv("VAULT_TOKEN"));
    headers = curl_slist_append(headers, text);
    headers = curl_slist_append(headers, "X-Vault-Request: true");
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, drop);
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
    curl_easy_setopt(handle, CURLOPT_FAILONERROR, 1L);
    if (strcmp(work.method, "POST") == 0)
        curl_easy_setopt(handle, CURLOPT_POSTFIELDS, body);
    while ((i = atomic_fetch_add(&work.next, 1)) < secrets) {
        (void)snprintf(text, sizeof text, "%s/v1/secret/data/bare-%zu/global/k%zu", address,
                       work.round, i);
        curl_easy_setopt(handle, CURLOPT_URL, text);
        if (curl_easy_perform(handle) != CURLE_OK)
            measure_fail("a bare %s failed: %s", work.method, text);
    }
    curl_easy_cleanup(handle);
    curl_slist_free_all(headers);
    return NULL;
}

static void bare_requests(const char *method, size_t round)
{
    pthread_t threads[THREADS];

    work.method = method;
    work.round = round;
    atomic_store(&work.next, 0);
    for (size_t i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, request_all, NULL) != 0)
            measure_fail("no thread");
    for (size_t i = 0; i < THREADS; i++)
        (void)pthread_join(threads[i], NULL);
}

static int64_t bare_time(size_t round)
{
    int64_t start = measure_now();

    bare_requests("POST", round);
    bare_requests("GET", round);
    return measure_now() - start;
}

static FILE *create(const char *name)
{
    char path[128];
    FILE *out;

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    out = fopen(path, "w");
    if (out == NULL)
        measure_fail("cannot write %s", path);
    return out;
}

static void close_written(FILE *out)
{
    if (fclose(out) != 0)
        measure_fail("cannot write to %s", folder);
}

/* The source, in the form that the backend file keeps. */
static void write_source(void)
{
    FILE *out = create("secrets.json");

    (void)fprintf(out, "{\"version\":2,\"secrets\":{");
    for (size_t i = 0; i < secrets; i++)
        (void)fprintf(out, "%s\"global/k%zu\":%s", i == 0 ? "" : ",", i, RECORD);
    (void)fprintf(out, "}}");
    close_written(out);
}

static void write_config(size_t round)
{
    FILE *out = create("sideseat.json");

    (void)fprintf(out,
                  "{\"pkcs11\":{\"tokens\":[{\"label\":\"here\",\"backend\":\"file\","
                  "\"data_dir\":\"%s\"},{\"label\":\"there\",\"backend\":\"vault\","
                  "\"vault\":{\"prefix\":\"copy-%zu\"}}]}}",
                  folder, round);
    close_written(out);
}

static int64_t copy_time(char *tool, size_t round)
{
    char *words[] = {tool, "copy", "here", "there", NULL};
    int64_t start;
    int status = 0;
    pid_t pid;

    write_config(round);
    start = measure_now();
    if (posix_spawn(&pid, tool, NULL, NULL, words, environ) != 0 ||
        waitpid(pid, &status, 0) != pid || status != 0)
        measure_fail("copy failed");
    return measure_now() - start;
}

static void prepare(void)
{
    char path[128];

    address = getenv("VAULT_ADDR");
    if (address == NULL || getenv("VAULT_TOKEN") == NULL || mkdtemp(folder) == NULL)
        measure_fail("run it with tests/servers/with_vault.py");
    (void)umask(077);
    (void)snprintf(path, sizeof path, "%s/sideseat.json", folder);
    (void)setenv("SIDESEAT_CONFIG", path, 1);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    write_source();
}

static void clean(void)
{
    static const char *const names[] = {"secrets.json", "secrets.json.lock", "sideseat.json"};
    char path[128];

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(folder);
}

int main(int argc, char **argv)
{
    size_t rounds = argc > 3 ? strtoul(argv[3], NULL, 10) : 5;
    int64_t ours[ROUNDS_MAX];
    int64_t bare[ROUNDS_MAX];
    double our_ms;
    double bare_ms;

    if (argc < 2 || rounds == 0 || rounds > ROUNDS_MAX)
        measure_fail("bench_copy SIDESEAT-SECRETS [SECRETS [ROUNDS]]");
    if (argc > 2)
        secrets = strtoul(argv[2], NULL, 10);
    prepare();
    for (size_t i = 0; i < rounds; i++) {
        bare[i] = bare_time(i);
        ours[i] = copy_time(argv[1], i);
    }
    our_ms = (double)measure_percentile(ours, rounds, 50) / 1e6;
    bare_ms = (double)measure_percentile(bare, rounds, 50) / 1e6;
    measure_print("copy_to_vault", our_ms, "ms");
    measure_print("bare_writes_and_reads", bare_ms, "ms");
    measure_print("copy_to_vault_ratio", our_ms / bare_ms, "ratio");
    clean();
    return 0;
}
