/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cost of the file backend, each figure beside the physical limit for it, in turns in the same
 * run, so that a busy machine slows both. Prints; asserts nothing.
 *
 *     bench_file [COUNT...]     numbers of secrets; 10 1000 10000 if none are given
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/backend.h"
#include "store/time.h"

#define ROUNDS 7

static char folder[256];
static char path[300];
static struct store_conf_set *conf;

static void die(const char *what)
{
    fprintf(stderr, "bench_file: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, compare);
    return values[count / 2];
}

static double now_us(void)
{
    return (double)store_time_monotonic() / 1e3;
}

/* A file as sideseat writes it: indented, about 233 bytes a secret. */
static void make_file(size_t count)
{
    FILE *file = fopen(path, "we");

    if (file == NULL)
        die(path);
    fprintf(file, "{\n  \"version\": 2,\n  \"secrets\": {\n");
    for (size_t i = 0; i < count; i++)
        fprintf(
            file,
            "    \"org/acme/key_%06zu\": {\n      \"value\": \"%064zx\",\n      \"metadata\": {\n"
            "        \"created_at\": \"2024-01-01T00:00:00.123456789Z\",\n"
            "        \"updated_at\": \"2024-01-01T00:00:00.123456789Z\"\n      }\n    }%s\n",
            i, i * 7919, i + 1 < count ? "," : "");
    fprintf(file, "  }\n}\n");
    if (fclose(file) != 0 || chmod(path, 0600) != 0)
        die(path);
    usleep(50000); /* past the tick within which a change could be missed */
}

static struct store open_store(void)
{
    struct store store;

    if (store_open(&store, store_conf_at(conf, 0)) != STORE_OK)
        die("store_open");
    return store;
}

static void read_one(const struct store *store, const char *key)
{
    AUTO_RECORD record = {0};

    if (store->backend->read(store->ctx, key, &record) != STORE_OK || record.value.len != 64)
        die(key);
}

static void key_of(size_t i, char key[64])
{
    snprintf(key, 64, "org/acme/key_%06zu", i);
}

static void bench_read(size_t count)
{
    struct store store = open_store();
    double ratios[ROUNDS];
    double reads[ROUNDS];
    char(*keys)[64] = calloc(4096, sizeof *keys);
    struct stat st;

    for (size_t i = 0; i < 4096; i++)
        key_of(i * 7919 % count, keys[i]);
    read_one(&store, keys[0]);
    for (int round = 0; round < ROUNDS; round++) {
        double begun = now_us();
        double stats;
        for (size_t i = 0; i < 40000; i++)
            if (stat(path, &st) != 0)
                die(path);
        stats = now_us() - begun;
        begun = now_us();
        for (size_t i = 0; i < 40000; i++)
            read_one(&store, keys[i % 4096]);
        reads[round] = now_us() - begun;
        ratios[round] = reads[round] / stats;
    }
    printf("%6zu read            %8.3f us    %5.2f x stat()\n", count,
           median(reads, ROUNDS) / 40000, median(ratios, ROUNDS));
    free(keys);
    store_close(&store);
}

struct reader {
    const struct store *store;
    size_t count;
    size_t first;
    pthread_barrier_t *start;
    double us;
};

static void *run_reader(void *arg)
{
    struct reader *r = arg;
    char key[64];
    double begun;

    pthread_barrier_wait(r->start);
    begun = now_us();
    for (size_t i = 0; i < 40000; i++) {
        key_of((r->first + i * 7919) % r->count, key);
        read_one(r->store, key);
    }
    r->us = now_us() - begun;
    return NULL;
}

/* Reads a second with `threads` at once. */
static double read_rate(const struct store *store, size_t count, unsigned threads)
{
    pthread_barrier_t start;
    struct reader readers[8];
    pthread_t ids[8];
    double rate = 0;

    pthread_barrier_init(&start, NULL, threads);
    for (unsigned i = 0; i < threads; i++) {
        readers[i] = (struct reader){store, count, i * 13, &start, 0};
        if (pthread_create(&ids[i], NULL, run_reader, &readers[i]) != 0)
            die("pthread_create");
    }
    for (unsigned i = 0; i < threads; i++) {
        pthread_join(ids[i], NULL);
        rate += 40000 / readers[i].us * 1e6;
    }
    pthread_barrier_destroy(&start);
    return rate;
}

static void bench_threads(size_t count)
{
    struct store store = open_store();
    double best = 0;

    for (int round = 0; round < ROUNDS; round++) {
        double one = read_rate(&store, count, 1);
        double two = read_rate(&store, count, 2);
        if (two / one > best)
            best = two / one;
    }
    printf("%6zu two readers                     %5.2f x one (best of %d)\n", count, best, ROUNDS);
    store_close(&store);
}

static enum store_err take(void *arg, const char *key, enum store_err err,
                           const struct store_record *record)
{
    size_t *bytes = arg;

    (void)key;
    *bytes += record->value.len;
    return err;
}

static void bench_list(size_t count, const char *prefix)
{
    struct store store = open_store();
    double times[ROUNDS];
    size_t bytes = 0;

    read_one(&store, "org/acme/key_000000");
    (void)!store.backend->list(store.ctx, prefix, NULL, take, &bytes);
    for (int round = 0; round < ROUNDS; round++) {
        double begun = now_us();
        if (store.backend->list(store.ctx, prefix, NULL, take, &bytes) != STORE_OK)
            die("list");
        times[round] = now_us() - begun;
    }
    printf("%6zu list \"%s\"%*s %8.1f us\n", count, prefix, (int)(10 - strlen(prefix)), "",
           median(times, ROUNDS));
    store_close(&store);
}

/* Reads the file and parses it with jansson, as the simplest backend would. */
static double parse_us(void)
{
    double begun = now_us();
    json_t *tree = json_load_file(path, 0, NULL);
    double us = now_us() - begun;

    if (tree == NULL)
        die("jansson");
    json_decref(tree);
    return us;
}

static void bench_first(size_t count)
{
    double ratios[ROUNDS];
    double firsts[ROUNDS];

    for (int round = 0; round < ROUNDS; round++) {
        double parse = parse_us();
        double begun = now_us();
        struct store store = open_store();
        read_one(&store, "org/acme/key_000000");
        firsts[round] = now_us() - begun;
        ratios[round] = firsts[round] / parse;
        store_close(&store);
    }
    printf("%6zu open, first value %6.0f us    %5.2f x jansson's parse\n", count,
           median(firsts, ROUNDS), median(ratios, ROUNDS));
}

/* The cost of the same durability without the backend. */
static double raw_us(const char *bytes, size_t len)
{
    char temp[320];
    double begun = now_us();
    int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int fd;

    snprintf(temp, sizeof temp, "%s/raw.new", folder);
    fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, bytes, len) != (ssize_t)len || fsync(fd) != 0)
        die(temp);
    close(fd);
    snprintf(temp + strlen(folder), sizeof temp - strlen(folder), "/raw");
    if (renameat(dir, "raw.new", dir, "raw") != 0 || fsync(dir) != 0)
        die(temp);
    close(dir);
    return now_us() - begun;
}

static void write_one(const struct store *store, const char *key, uint64_t number)
{
    AUTO_SECRET value = {0};
    char text[65];

    snprintf(text, sizeof text, "%064" PRIx64, number);
    if (store_secret_set(&value, text, 64) != STORE_OK ||
        store->backend->write(store->ctx, key, &value, NULL, NULL) != STORE_OK)
        die(key);
}

static void bench_update(size_t count)
{
    enum { UPDATES = 41 };
    struct store store = open_store();
    double ours[UPDATES];
    double raws[UPDATES];
    struct stat st = {0};
    char *bytes;
    char key[64];
    double raw;

    read_one(&store, "org/acme/key_000000");
    if (stat(path, &st) != 0)
        die(path);
    bytes = calloc(1, (size_t)st.st_size);
    if (bytes == NULL)
        die(path);
    memset(bytes, 'x', (size_t)st.st_size);
    for (int i = 0; i < UPDATES; i++) {
        double begun;
        raws[i] = raw_us(bytes, (size_t)st.st_size);
        key_of((size_t)i * 7919 % count, key);
        begun = now_us();
        write_one(&store, key, (uint64_t)i);
        ours[i] = now_us() - begun;
    }
    raw = median(raws, UPDATES);
    printf("%6zu update          %8.0f us    %5.2f x write+fsync+rename+fsync (%.0f us)\n", count,
           median(ours, UPDATES), median(ours, UPDATES) / raw, raw);
    free(bytes);
    store_close(&store);
}

struct writer {
    const struct store *store;
    unsigned index;
    unsigned writes;
};

static void *run_writer(void *arg)
{
    struct writer *w = arg;
    char key[64];

    for (unsigned i = 0; i < w->writes; i++) {
        key_of(w->index, key);
        write_one(w->store, key, i);
    }
    return NULL;
}

static double write_rate(const struct store *store, unsigned threads)
{
    struct writer writers[8];
    pthread_t ids[8];
    double begun = now_us();

    for (unsigned i = 0; i < threads; i++) {
        writers[i] = (struct writer){store, i, 60};
        if (pthread_create(&ids[i], NULL, run_writer, &writers[i]) != 0)
            die("pthread_create");
    }
    for (unsigned i = 0; i < threads; i++)
        pthread_join(ids[i], NULL);
    return 60 * threads / (now_us() - begun) * 1e6;
}

static void bench_writers(size_t count)
{
    struct store store = open_store();
    double ratios[3];
    double rates[3];

    for (int round = 0; round < 3; round++) {
        double one = write_rate(&store, 1);
        rates[round] = write_rate(&store, 8);
        ratios[round] = rates[round] / one;
    }
    printf("%6zu eight writers   %8.0f /s    %5.2f x one\n", count, median(rates, 3),
           median(ratios, 3));
    store_close(&store);
}

/* This program's own peak: for a child, getrusage counts the parent's memory before exec. */
static double peak_mb(void)
{
    FILE *file = fopen("/proc/self/status", "re");
    char line[256];
    double kb = 0;

    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, "VmHWM:", 6) == 0)
            kb = strtod(line + 6, NULL);
    if (file != NULL)
        fclose(file);
    return kb / 1024;
}

/* A process of its own that reads one value, lists everything and changes one value. */
static int use(size_t count)
{
    struct store store = open_store();
    double first;
    size_t bytes = 0;

    read_one(&store, "org/acme/key_000000");
    first = peak_mb();
    if (store.backend->list(store.ctx, "", NULL, take, &bytes) != STORE_OK)
        die("list");
    write_one(&store, "org/acme/key_000000", 1);
    printf("%6zu peak memory     %8.1f MB with one value read, %.1f MB with one changed\n", count,
           first, peak_mb());
    store_close(&store);
    return 0;
}

static void bench_memory(size_t count)
{
    pid_t child;
    int status;

    fflush(stdout);
    child = fork();
    if (child == 0) {
        char number[24];
        snprintf(number, sizeof number, "%zu", count);
        setenv("BENCH_FILE_FOLDER", folder, 1);
        execl("/proc/self/exe", "bench_file", "--use", number, (char *)NULL);
        _exit(1);
    }
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
        die("child");
}

static void open_conf(void)
{
    snprintf(path, sizeof path, "%s/secrets.json", folder);
    if (store_conf_begin(&conf, "bench", "file") != STORE_OK ||
        store_conf_put(conf, "data_dir", folder, strlen(folder), "bench") != STORE_OK)
        die("configuration");
}

static int remove_one(const char *name, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(name);
}

static void bench(size_t count)
{
    make_file(count);
    bench_read(count);
    bench_threads(count);
    bench_list(count, "");
    bench_list(count, "org/acme/");
    bench_list(count, "global/");
    bench_first(count);
    bench_update(count);
    bench_writers(count);
    bench_memory(count);
}

int main(int argc, char **argv)
{
    static const size_t counts[] = {10, 1000, 10000};
    const char *temp = getenv("TMPDIR");

    if (argc == 3 && strcmp(argv[1], "--use") == 0) {
        snprintf(folder, sizeof folder, "%s", getenv("BENCH_FILE_FOLDER"));
        open_conf();
        return use((size_t)strtoul(argv[2], NULL, 10));
    }
    /* A disk, not memory: /tmp may be either. */
    snprintf(folder, sizeof folder, "%s/bench-file-XXXXXX", temp == NULL ? "/var/tmp" : temp);
    if (mkdtemp(folder) == NULL)
        die(folder);
    open_conf();
    if (argc == 1)
        for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
            bench(counts[i]);
    for (int i = 1; i < argc; i++)
        bench((size_t)strtoul(argv[i], NULL, 10));
    store_conf_free(conf);
    nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    return 0;
}
