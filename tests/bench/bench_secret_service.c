/* SPDX-License-Identifier: Apache-2.0 */
#include <libsecret/secret.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "tests/bench/measure.h"
#include "store/backend.h"
#include "store/conf.h"
#include "tests/bench/stored.h"

/*
 * The cost of the Secret Service backend beside libsecret, in turns in the same run. Prints;
 * judges nothing. Runs under a script of tests/servers:
 *
 *     bench_secret_service FIRST-LIBSECRET FIRST-STORE STORE-PROGRAM [SECRETS]
 */

#define LOOKUPS 500

extern char **environ;

static const SecretSchema schema = {
    "com.sideseat.Secret",
    SECRET_SCHEMA_NONE,
    {{"key", SECRET_SCHEMA_ATTRIBUTE_STRING}, {NULL, 0}},
    0,
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
};

static struct store_conf_set *conf;

static struct store open_store(void)
{
    struct store store;

    if (store_open(&store, store_conf_at(conf, 0)) != STORE_OK)
        measure_fail("the store does not open");
    return store;
}

static void lookup_ours(const struct store *store)
{
    AUTO_RECORD record = {0};

    if (store->backend->read(store->ctx, "org/acme/key_1", &record) != STORE_OK)
        measure_fail("the secret cannot be read");
}

static void lookup_libsecret(void)
{
    char *value = secret_password_lookup_sync(&schema, NULL, NULL, "key", "org/acme/key_1", NULL);

    if (value == NULL)
        measure_fail("libsecret finds nothing");
    secret_password_free(value);
}

/* As much as a record has: the value and the item's times. */
static void record_libsecret(void)
{
    GHashTable *attributes = secret_attributes_build(&schema, "key", "org/acme/key_1", NULL);
    GList *found = secret_service_search_sync(NULL, &schema, attributes, SECRET_SEARCH_LOAD_SECRETS,
                                              NULL, NULL);

    if (found == NULL || secret_item_get_modified(found->data) == 0)
        measure_fail("libsecret finds no item");
    g_list_free_full(found, g_object_unref);
    g_hash_table_unref(attributes);
}

struct listing {
    size_t count;
    char (*keys)[64];
    const char **pointers;
};

static enum store_err add_key(void *arg, const char *key, enum store_err err,
                              const struct store_record *record)
{
    struct listing *listing = arg;

    (void)record;
    snprintf(listing->keys[listing->count], sizeof listing->keys[0], "%s", key);
    listing->pointers[listing->count] = listing->keys[listing->count];
    listing->count++;
    return err;
}

static enum store_err count_value(void *arg, const char *key, enum store_err err,
                                  const struct store_record *record)
{
    (void)key, (void)record;
    *(size_t *)arg += err == STORE_OK;
    return STORE_OK;
}

static void list_ours(const struct store *store, struct listing *listing, size_t expected)
{
    listing->count = 0;
    if (store->backend->list(store->ctx, "org/acme/", NULL, add_key, listing) != STORE_OK ||
        listing->count != expected)
        measure_fail("the listing is not right");
}

static void read_ours(const struct store *store, const struct listing *listing)
{
    size_t values = 0;

    if (store->backend->read_many(store->ctx, listing->pointers, listing->count, count_value,
                                  &values) != STORE_OK ||
        values != listing->count)
        measure_fail("the bulk read is not right");
}

static void list_libsecret(size_t expected)
{
    GHashTable *attributes =
        secret_attributes_build(&schema, NULL); /* all of the schema, as a listing does */
    GList *found = secret_service_search_sync(
        NULL, &schema, attributes, SECRET_SEARCH_ALL | SECRET_SEARCH_LOAD_SECRETS, NULL, NULL);

    if (g_list_length(found) != expected)
        measure_fail("libsecret finds %u", g_list_length(found));
    g_list_free_full(found, g_object_unref);
    g_hash_table_unref(attributes);
}

static void run(char **argv)
{
    int status = -1;
    pid_t child;

    if (posix_spawn(&child, argv[0], NULL, NULL, argv, environ) != 0 ||
        waitpid(child, &status, 0) != child || status != 0)
        measure_fail("%s failed", argv[0]);
}

static void print_pair(const char *what, int64_t *ours, int64_t *theirs, size_t rounds)
{
    double a = (double)measure_percentile(ours, rounds, 50);
    double b = (double)measure_percentile(theirs, rounds, 50);

    printf("%-34s %10.3f ms %10.3f ms  ratio %.2f\n", what, a / 1e6, b / 1e6, a / b);
}

static void bench_lookup(const struct store *store)
{
    int64_t ours[LOOKUPS];
    int64_t theirs[LOOKUPS];
    int64_t records[LOOKUPS];
    int64_t again[LOOKUPS];

    lookup_ours(store);
    lookup_libsecret();
    for (int i = 0; i < LOOKUPS; i++) {
        int64_t begun = measure_now();
        lookup_ours(store);
        ours[i] = measure_now() - begun;
        begun = measure_now();
        lookup_libsecret();
        theirs[i] = measure_now() - begun;
        begun = measure_now();
        record_libsecret();
        records[i] = measure_now() - begun;
        again[i] = ours[i];
    }
    print_pair("look-up by key", ours, theirs, LOOKUPS);
    print_pair("  beside a look-up with times", again, records, LOOKUPS);
}

static void bench_first(char **argv)
{
    char key[] = "org/acme/key_1";
    char *libsecret[] = {argv[1], key, NULL};
    char *store[] = {argv[2], argv[3], key, NULL};
    int64_t ours[21];
    int64_t theirs[21];

    for (int i = 0; i < 21; i++) {
        int64_t begun = measure_now();
        run(store);
        ours[i] = measure_now() - begun;
        begun = measure_now();
        run(libsecret);
        theirs[i] = measure_now() - begun;
    }
    print_pair("first value, a fresh process", ours, theirs, 21);
}

static void bench_list(size_t count)
{
    struct listing listing = {.keys = calloc(count, sizeof *listing.keys),
                              .pointers = calloc(count, sizeof *listing.pointers)};
    int64_t cold[3];
    int64_t warm[3];
    int64_t values[3];
    int64_t theirs[3][3];

    for (int i = 0; i < 3; i++) {
        struct store store = open_store();
        int64_t begun = measure_now();

        list_ours(&store, &listing, count);
        cold[i] = measure_now() - begun;
        begun = measure_now();
        list_ours(&store, &listing, count);
        warm[i] = measure_now() - begun;
        begun = measure_now();
        list_ours(&store, &listing, count);
        read_ours(&store, &listing);
        values[i] = measure_now() - begun;
        store_close(&store);
        begun = measure_now();
        list_libsecret(count);
        theirs[0][i] = theirs[1][i] = theirs[2][i] = measure_now() - begun;
    }
    printf("listing of %zu, beside libsecret's search with secrets:\n", count);
    print_pair("  the first of a process", cold, theirs[0], 3);
    print_pair("  later ones", warm, theirs[1], 3);
    print_pair("  with all values", values, theirs[2], 3);
    free(listing.keys);
    free(listing.pointers);
}

int main(int argc, char **argv)
{
    size_t count = argc == 5 ? strtoul(argv[4], NULL, 10) : 1000;
    struct store store;

    if (argc < 4)
        measure_fail("usage: bench_secret_service FIRST-LIBSECRET FIRST-STORE STORE-PROGRAM [N]");
    if (store_conf_begin(&conf, "bench", "secret-service") != STORE_OK)
        measure_fail("no configuration");
    stored_setting(conf, "timeout_ms", "60000");
    store = open_store();
    printf("%-34s %13s %13s\n", "", "ours", "libsecret");
    stored_populate(&store, 20);
    bench_lookup(&store);
    bench_first(argv);
    stored_populate(&store, count);
    bench_list(count);
    store_close(&store);
    store_conf_free(conf);
    return 0;
}
