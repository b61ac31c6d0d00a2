/* SPDX-License-Identifier: Apache-2.0 */

/*
 * One measurement of a PKCS#11 module, in a process of its own: bench.py starts it, for ours and
 * for others, and makes ratios of the output. Usage: bench_module PHASE MODULE [ARGUMENT...].
 */

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <jansson.h>

#include "tests/bench/host.h"
#include "tests/bench/measure.h"

#define SAMPLES 20000
#define THREADS_MAX 8

static size_t number(const char *text)
{
    return strtoul(text, NULL, 10);
}

/* load MODULE: a fresh process that loads, lists slots and leaves. */
static void bench_load(char **args)
{
    int64_t start = measure_now();
    struct host host;

    host_open(&host, args[0]);
    host_close(&host);
    measure_print("load", (double)(measure_now() - start) / 1e3, "us");
    measure_print("peak", (double)measure_peak_kib(), "KiB");
}

/* first MODULE N: to the first value in a fresh process, and the processor time of that from
 * C_Initialize on, when the module and its libraries have been mapped. */
static void bench_first(char **args)
{
    unsigned char value[4096];
    int64_t start = measure_now();
    struct host host;
    char label[64];

    host_label(label, number(args[1]) / 2);
    host_open(&host, args[0]);
    if (host_get(&host, host_session(&host), label, value, sizeof value) == 0)
        measure_fail("%s is missing", label);
    measure_print("first", (double)(measure_now() - start) / 1e3, "us");
    measure_print("first_cpu", (double)(measure_cpu() - host.loaded_cpu) / 1e3, "us");
    host_close(&host);
    measure_print("peak", (double)measure_peak_kib(), "KiB");
}

/* parse FILE: jansson's time for the file, in a fresh process. */
static void bench_parse(char **args)
{
    int64_t start = measure_now();
    json_t *root = json_load_file(args[0], 0, NULL);

    if (root == NULL)
        measure_fail("%s does not parse", args[0]);
    measure_print("parse", (double)(measure_now() - start) / 1e3, "us");
}

/* get MODULE N [FILE]: look-ups of random labels and, in turn, stat() of a file. */
static void bench_get(char **args)
{
    static int64_t gets[SAMPLES];
    static int64_t stats[SAMPLES];
    size_t n = number(args[1]);
    size_t rounds = args[2] == NULL ? 50 : SAMPLES;
    unsigned char value[4096];
    unsigned seed = 1;
    struct stat status;
    struct host host;
    CK_SESSION_HANDLE session;

    host_open(&host, args[0]);
    session = host_session(&host);
    for (size_t i = 0; i < rounds; i++) {
        char label[64];
        int64_t start;

        host_label(label, (size_t)rand_r(&seed) % n);
        start = measure_now();
        if (host_get(&host, session, label, value, sizeof value) == 0)
            measure_fail("%s is missing", label);
        gets[i] = measure_now() - start;
        if (args[2] != NULL) {
            start = measure_now();
            if (stat(args[2], &status) != 0)
                measure_fail("%s: %s", args[2], strerror(errno));
            stats[i] = measure_now() - start;
        }
    }
    measure_print("get", (double)measure_percentile(gets, rounds, 50) / 1e3, "us");
    if (args[2] != NULL)
        measure_print("stat", (double)measure_percentile(stats, rounds, 50) / 1e3, "us");
    host_close(&host);
}

struct worker {
    struct host *host;
    size_t n;
    unsigned seed;
    bool writes;
    atomic_bool *stop;
    atomic_ulong *done;
    atomic_ulong *missed;
    int64_t *samples; /* of reads; NULL for none */
    size_t sampled;
};

static void *work(void *arg)
{
    struct worker *worker = arg;
    CK_SESSION_HANDLE session = host_session(worker->host);
    unsigned char value[4096];
    unsigned long done = 0;

    memset(value, 'v', 100);
    while (!atomic_load_explicit(worker->stop, memory_order_relaxed)) {
        char label[64];
        int64_t start;

        host_label(label, (size_t)rand_r(&worker->seed) % worker->n);
        start = measure_now();
        if (worker->writes)
            host_update(worker->host, session, label, value, 100);
        else if (host_get(worker->host, session, label, value, sizeof value) == 0)
            atomic_fetch_add(worker->missed, 1);
        if (worker->samples != NULL && worker->sampled < SAMPLES)
            worker->samples[worker->sampled++] = measure_now() - start;
        done++;
    }
    atomic_fetch_add(worker->done, done);
    return NULL;
}

/* Runs `threads` workers for a while; how much each kind did per second. */
static double run(struct worker *workers, size_t threads, atomic_bool *stop, atomic_ulong *done)
{
    pthread_t ids[THREADS_MAX];
    int64_t start = measure_now();

    atomic_store(stop, false);
    atomic_store(done, 0);
    for (size_t i = 0; i < threads; i++)
        pthread_create(&ids[i], NULL, work, &workers[i]);
    usleep(700000);
    atomic_store(stop, true);
    for (size_t i = 0; i < threads; i++)
        pthread_join(ids[i], NULL);
    return (double)atomic_load(done) * 1e9 / (double)(measure_now() - start);
}

static void prepare(struct worker *workers, struct host *host, size_t n, atomic_bool *stop,
                    atomic_ulong *done, atomic_ulong *missed)
{
    for (size_t i = 0; i < THREADS_MAX; i++)
        workers[i] = (struct worker){.host = host,
                                     .n = n,
                                     .seed = (unsigned)i + 7,
                                     .stop = stop,
                                     .done = done,
                                     .missed = missed};
}

/* threads MODULE N: the rate of one thread that reads, and of two; the best of five rounds. */
static void bench_threads(char **args)
{
    struct worker workers[THREADS_MAX];
    atomic_bool stop;
    atomic_ulong done;
    atomic_ulong missed = 0;
    double best[3] = {0};
    double best_ratio = 0;
    struct host host;

    host_open(&host, args[0]);
    prepare(workers, &host, number(args[1]), &stop, &done, &missed);
    for (int round = 0; round < 5; round++) {
        double one = run(workers, 1, &stop, &done);
        double two = run(workers, 2, &stop, &done);
        best[1] = one > best[1] ? one : best[1];
        best[2] = two > best[2] ? two : best[2];
        best_ratio = two / one > best_ratio ? two / one : best_ratio;
    }
    measure_print("reads_1", best[1], "/s");
    measure_print("reads_2", best[2], "/s");
    measure_print("scaling", best_ratio, "x");
    measure_print("missed", (double)atomic_load(&missed), "reads");
    host_close(&host);
}

/* writers MODULE N: the rate of one thread that writes, and of eight. */
static void bench_writers(char **args)
{
    struct worker workers[THREADS_MAX];
    atomic_bool stop;
    atomic_ulong done;
    atomic_ulong missed = 0;
    struct host host;

    host_open(&host, args[0]);
    prepare(workers, &host, number(args[1]), &stop, &done, &missed);
    for (size_t i = 0; i < THREADS_MAX; i++)
        workers[i].writes = true;
    measure_print("writes_1", run(workers, 1, &stop, &done), "/s");
    measure_print("writes_8", run(workers, 8, &stop, &done), "/s");
    host_close(&host);
}

/* mixed MODULE N: one reader alone, then beside a writer. */
static void bench_mixed(char **args)
{
    static int64_t samples[SAMPLES];
    struct worker workers[THREADS_MAX];
    atomic_bool stop;
    atomic_ulong done;
    atomic_ulong missed = 0;
    struct host host;

    host_open(&host, args[0]);
    prepare(workers, &host, number(args[1]), &stop, &done, &missed);
    workers[0].samples = samples;
    run(workers, 1, &stop, &done);
    measure_print("p99_alone", (double)measure_percentile(samples, workers[0].sampled, 99) / 1e3,
                  "us");
    workers[0].sampled = 0;
    workers[1].writes = true;
    run(workers, 2, &stop, &done);
    measure_print("p99_beside_writer",
                  (double)measure_percentile(samples, workers[0].sampled, 99) / 1e3, "us");
    measure_print("missed", (double)atomic_load(&missed), "reads");
    host_close(&host);
}

/* list MODULE ROUNDS: everything with labels and values, after a first time. */
static void bench_list(char **args)
{
    static int64_t samples[SAMPLES];
    size_t rounds = number(args[1]);
    struct host host;
    CK_SESSION_HANDLE session;
    size_t count = 0;

    host_open(&host, args[0]);
    session = host_session(&host);
    host_list(&host, session);
    for (size_t i = 0; i < rounds; i++) {
        int64_t start = measure_now();
        count = host_list(&host, session);
        samples[i] = measure_now() - start;
    }
    measure_print("list", (double)measure_percentile(samples, rounds, 50) / 1e6, "ms");
    measure_print("listed", (double)count, "objects");
    host_close(&host);
}

/* A durable replacement of a file by as many bytes: write, fsync, rename, fsync of the folder. */
static void replace_raw(const char *folder, const char *bytes, size_t len)
{
    char temporary[512];
    char path[512];
    int fd;

    snprintf(temporary, sizeof temporary, "%s/raw.tmp", folder);
    snprintf(path, sizeof path, "%s/raw", folder);
    fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || write(fd, bytes, len) != (ssize_t)len || fsync(fd) != 0 || close(fd) != 0 ||
        rename(temporary, path) != 0)
        measure_fail("%s: %s", temporary, strerror(errno));
    fd = open(folder, O_RDONLY | O_DIRECTORY);
    if (fd < 0 || fsync(fd) != 0)
        measure_fail("%s: %s", folder, strerror(errno));
    close(fd);
}

/* update MODULE N FOLDER: changes of random secrets and, in turn, bare replacements of the file. */
static void bench_update(char **args)
{
    static int64_t updates[SAMPLES];
    static int64_t raws[SAMPLES];
    size_t n = number(args[1]);
    size_t rounds = 60;
    unsigned char value[100];
    unsigned seed = 3;
    char path[512];
    struct stat status;
    struct host host;
    CK_SESSION_HANDLE session;
    char *bytes;

    snprintf(path, sizeof path, "%s/secrets.json", args[2]);
    if (stat(path, &status) != 0 || (bytes = calloc(1, (size_t)status.st_size)) == NULL)
        measure_fail("%s: %s", path, strerror(errno));
    host_open(&host, args[0]);
    session = host_session(&host);
    for (size_t i = 0; i < rounds; i++) {
        char label[64];
        int64_t start;

        memset(value, 'a' + (int)(i % 26), sizeof value);
        host_label(label, (size_t)rand_r(&seed) % n);
        start = measure_now();
        host_update(&host, session, label, value, sizeof value);
        updates[i] = measure_now() - start;
        start = measure_now();
        replace_raw(args[2], bytes, (size_t)status.st_size);
        raws[i] = measure_now() - start;
    }
    measure_print("update", (double)measure_percentile(updates, rounds, 50) / 1e3, "us");
    measure_print("raw", (double)measure_percentile(raws, rounds, 50) / 1e3, "us");
    free(bytes);
    host_close(&host);
}

/* set MODULE LABEL TEXT: the other process of the phase `seen`. */
static void bench_set(char **args)
{
    struct host host;

    host_open(&host, args[0]);
    host_update(&host, host_session(&host), args[1], (const unsigned char *)args[2],
                strlen(args[2]));
    host_close(&host);
}

/* seen MODULE N: how long the first look-up after another process's change takes. */
static void bench_seen(char **args)
{
    static int64_t samples[SAMPLES];
    size_t rounds = 9;
    unsigned char value[4096];
    char label[64];
    struct host host;
    CK_SESSION_HANDLE session;

    host_label(label, number(args[1]) / 2);
    host_open(&host, args[0]);
    session = host_session(&host);
    host_get(&host, session, label, value, sizeof value);
    for (size_t i = 0; i < rounds; i++) {
        char text[32];
        int64_t start;
        int status;
        size_t len;
        pid_t pid;

        snprintf(text, sizeof text, "change-%zu", i);
        pid = fork();
        if (pid == 0) {
            execl("/proc/self/exe", "bench_module", "set", args[0], label, text, (char *)NULL);
            _exit(127);
        }
        if (waitpid(pid, &status, 0) != pid || status != 0)
            measure_fail("the other process failed");
        start = measure_now();
        len = host_get(&host, session, label, value, sizeof value);
        samples[i] = measure_now() - start;
        if (len != strlen(text) || memcmp(value, text, len) != 0)
            measure_fail("a change was not seen");
    }
    measure_print("seen", (double)measure_percentile(samples, rounds, 50) / 1e3, "us");
    host_close(&host);
}

/* populate MODULE N: fills a token with N secrets of 100 bytes. */
static void bench_populate(char **args)
{
    unsigned char value[100];
    struct host host;
    CK_SESSION_HANDLE session;

    memset(value, 'v', sizeof value);
    host_open(&host, args[0]);
    session = host_session(&host);
    for (size_t i = 0; i < number(args[1]); i++) {
        char label[64];
        host_label(label, i);
        host_create(&host, session, label, value, sizeof value);
    }
    host_close(&host);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(char **args);
        int args;
    } phases[] = {
        {"load", bench_load, 1},   {"first", bench_first, 2},     {"parse", bench_parse, 1},
        {"get", bench_get, 2},     {"threads", bench_threads, 2}, {"writers", bench_writers, 2},
        {"mixed", bench_mixed, 2}, {"list", bench_list, 2},       {"update", bench_update, 3},
        {"seen", bench_seen, 2},   {"set", bench_set, 3},         {"populate", bench_populate, 2},
    };

    for (size_t i = 0; argc > 2 && i < sizeof phases / sizeof phases[0]; i++) {
        if (strcmp(argv[1], phases[i].name) == 0 && argc - 2 >= phases[i].args) {
            phases[i].run(argv + 2);
            return 0;
        }
    }
    fputs("usage: bench_module PHASE MODULE [ARGUMENT...]; see bench.py\n", stderr);
    return 2;
}
