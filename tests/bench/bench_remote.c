/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cost of the store process and the cache: a cold start, a call and a listing over the socket
 * beside the same in this process, and reads from the cache, by one thread and by several. Prints;
 * asserts nothing.
 *
 *     bench_remote PROGRAM      the path of sideseat-store
 */
#include <ftw.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/cache/cache.h"
#include "store/cache/context.h"
#include "tests/bench/measure.h"
#include "store/backend.h"
#include "tests/bench/stored.h"

#define CALLS 2000
#define SECRETS 10000
#define READS 2000000
#define THREADS_MAX 4

static char folder[] = "/tmp/bench-remote-XXXXXX";
static struct store_conf_set *set;

static struct store open_at(enum store_side side)
{
    struct store store;

    if (store_open_at(&store, store_conf_at(set, 0), side) != STORE_OK)
        measure_fail("cannot open the store");
    return store;
}

static void read_key(const struct store *store, const char *key)
{
    AUTO_RECORD record = {0};

    if (store->backend->read(store->ctx, key, &record) != STORE_OK)
        measure_fail("cannot read %s", key);
}

static void write_key(const struct store *store, const char *key)
{
    AUTO_SECRET value = {0};

    if (store_secret_set(&value, "0123456789abcdef0123456789abcdef", 32) != STORE_OK ||
        store->backend->write(store->ctx, key, &value, NULL, NULL) != STORE_OK)
        measure_fail("cannot write %s", key);
}

/* Microseconds for a read, the median. */
static double call_us(const struct store *store)
{
    static int64_t samples[CALLS];

    for (size_t i = 0; i < CALLS; i++) {
        int64_t start = measure_now();
        read_key(store, "global/a");
        samples[i] = measure_now() - start;
    }
    return (double)measure_percentile(samples, CALLS, 50) / 1e3;
}

static void bench_calls(void)
{
    struct store here = open_at(STORE_IN_PROCESS);
    struct store there = open_at(STORE_IN_STORE_PROCESS);
    int64_t start;

    write_key(&here, "global/a");
    start = measure_now();
    read_key(&there, "global/a");
    measure_print("store_process_first_call", (double)(measure_now() - start) / 1e6, "ms");
    measure_print("read_in_process", call_us(&here), "us");
    measure_print("read_in_store_process", call_us(&there), "us");
    store_close(&here);
    store_close(&there);
}

/* A store that has every secret, and costs nothing. */
static enum store_err easy_read(struct store_ctx *ctx, const char *key, struct store_record *out)
{
    (void)ctx;
    (void)key;
    store_record_clear(out);
    snprintf(out->version, sizeof out->version, "1");
    return store_secret_set(&out->value, "0123456789abcdef0123456789abcdef", 32);
}

static void easy_close(struct store_ctx *ctx)
{
    (void)ctx;
}

static const struct store_backend easy = {.read = easy_read, .close = easy_close};

static long resident_kib(void)
{
    FILE *file = fopen("/proc/self/statm", "re");
    long all;
    long resident = 0;

    if (file == NULL || fscanf(file, "%ld %ld", &all, &resident) != 2)
        measure_fail("cannot read /proc/self/statm");
    fclose(file);
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

struct reader {
    const struct store *store;
    int first; /* of the keys that it reads */
    int count;
};

static void *read_on(void *arg)
{
    const struct reader *reader = arg;
    char keys[100][32];

    for (int i = 0; i < reader->count; i++)
        snprintf(keys[i], sizeof keys[i], "org/acme/key_%d", reader->first + i);
    for (int i = 0; i < READS; i++)
        read_key(reader->store, keys[i % reader->count]);
    return NULL;
}

/* Cached reads per second of each thread's processor time, and of the clock in all; `apart`: each
 * thread has keys of its own. */
static void bench_readers(const struct store *store, int threads, bool apart)
{
    struct reader readers[THREADS_MAX];
    pthread_t ids[THREADS_MAX];
    char name[64];
    int64_t start = measure_now();
    int64_t cpu = measure_cpu();

    for (int i = 0; i < threads; i++) {
        readers[i] = (struct reader){store, apart ? 100 * i : 0, apart ? 100 : 1};
        pthread_create(&ids[i], NULL, read_on, &readers[i]);
    }
    for (int i = 0; i < threads; i++)
        pthread_join(ids[i], NULL);
    snprintf(name, sizeof name, "cached_reads_%d_threads_%s", threads, apart ? "apart" : "one_key");
    measure_print(name, (double)threads * READS * 1e9 / (double)(measure_now() - start), "1/s");
    snprintf(name + strlen(name), sizeof name - strlen(name), "_each");
    measure_print(name, (double)threads * READS * 1e9 / (double)(measure_cpu() - cpu), "1/s");
}

static void bench_cache(void)
{
    struct store store = {.backend = &easy};
    char key[32];
    long before = resident_kib();

    if (cache_wrap(&store, store_conf_at(set, 0)) != STORE_OK)
        measure_fail("cannot make a cache");
    for (int i = 0; i < SECRETS; i++) {
        snprintf(key, sizeof key, "org/acme/key_%d", i);
        read_key(&store, key);
    }
    measure_print("cache_of_10000", (double)(resident_kib() - before), "KiB");
    measure_print("cached", (double)atomic_load(&store.ctx->shards.entries), "secrets");
    for (int threads = 1; threads <= THREADS_MAX; threads *= 2)
        bench_readers(&store, threads, true);
    bench_readers(&store, 2, false);
    store.backend->close(store.ctx);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

int main(int argc, char **argv)
{
    if (argc != 2 || mkdtemp(folder) == NULL || store_conf_begin(&set, "bench", "file") != STORE_OK)
        measure_fail("usage: bench_remote PROGRAM");
    stored_setting(set, "data_dir", folder);
    stored_setting(set, "store.program", argv[1]);
    bench_calls();
    bench_cache();
    store_conf_free(set);
    nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    return 0;
}
