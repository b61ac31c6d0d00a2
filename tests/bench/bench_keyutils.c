/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include <keyutils.h>

#include "measure.h"
#include "stored.h"

/*
 * What the keyutils backend costs beside the two calls to the kernel that anybody needs, taken in
 * turns in the same run. Prints; judges nothing.
 *
 *     bench_keyutils [SECRETS]
 */

#define LOOKUPS 5000
#define VALUE "a value of some forty bytes, as keys are"

static char ring_name[64];

/* Nobody's but this run's, also when the run ends early. */
static void remove_ring(void)
{
    key_serial_t ring = (key_serial_t)keyctl_search(KEY_SPEC_USER_KEYRING, "keyring", ring_name, 0);
    key_serial_t persistent =
        (key_serial_t)keyctl_get_persistent((uid_t)-1, KEY_SPEC_THREAD_KEYRING);

    if (ring < 0)
        return;
    keyctl_clear(ring);
    if (persistent > 0)
        keyctl_unlink(ring, persistent);
    keyctl_unlink(ring, KEY_SPEC_USER_KEYRING);
    keyctl_revoke(ring);
}

static void key_of(size_t i, char key[64])
{
    snprintf(key, 64, "org/acme/key_%zu", i);
}

static void populate(const struct store *store, size_t count)
{
    AUTO_SECRET value = {0};
    char key[64];

    if (store_secret_set(&value, VALUE, strlen(VALUE)) != STORE_OK)
        measure_fail("no memory");
    for (size_t i = 0; i < count; i++) {
        key_of(i, key);
        if (store->backend->write(store->ctx, key, &value, NULL, NULL) != STORE_OK)
            measure_fail("%s cannot be written; see /proc/key-users", key);
    }
}

/* keyctl_search and keyctl_read, from the user keyring down. */
static int64_t raw_time(const char *key)
{
    char description[80];
    char value[4096];
    int64_t start = measure_now();
    long found;

    snprintf(description, sizeof description, "sideseat:%s", key);
    found = keyctl_search(KEY_SPEC_USER_KEYRING, "user", description, 0);
    if (found < 0 || keyctl_read((key_serial_t)found, value, sizeof value) != (long)strlen(VALUE))
        measure_fail("the kernel does not find %s", key);
    return measure_now() - start;
}

int main(int argc, char **argv)
{
    static int64_t ours[LOOKUPS];
    static int64_t theirs[LOOKUPS];
    size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 100;
    struct store_conf_set *conf = NULL;
    struct store store;
    unsigned seed = 1;
    char key[64];
    double our_us;
    double their_us;

    if (count == 0 || store_conf_begin(&conf, "bench", "keyutils") != STORE_OK)
        measure_fail("usage: bench_keyutils [SECRETS]");
    snprintf(ring_name, sizeof ring_name, "sideseat-bench-%ld", (long)getpid());
    stored_setting(conf, "keyutils.keyring", ring_name);
    if (store_open(&store, store_conf_at(conf, 0)) != STORE_OK)
        measure_fail("the store does not open");
    atexit(remove_ring);
    populate(&store, count);
    for (size_t i = 0; i < LOOKUPS; i++) {
        key_of((size_t)rand_r(&seed) % count, key);
        ours[i] = stored_read_time(&store, key);
        theirs[i] = raw_time(key);
    }
    our_us = (double)measure_percentile(ours, LOOKUPS, 50) / 1e3;
    their_us = (double)measure_percentile(theirs, LOOKUPS, 50) / 1e3;
    measure_print("keyutils_read", our_us, "us");
    measure_print("keyutils_raw_search_and_read", their_us, "us");
    measure_print("keyutils_ratio", our_us / their_us, "ratio");
    store_close(&store);
    store_conf_free(conf);
    return 0;
}
