/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include <keyutils.h>

#include "tests/bench/measure.h"
#include "tests/bench/stored.h"
#include "tests/contract/keyring.h"

/*
 * The cost of the keyutils backend beside the two calls to the kernel that every client needs, in
 * turns in the same run. Prints; judges nothing.
 *
 *     bench_keyutils [SECRETS]
 */

#define LOOKUPS 5000

static char ring_name[64];

/* Also when the run ends early. */
static void remove_ring(void)
{
    keyring_remove(ring_name);
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
    if (found < 0 ||
        keyctl_read((key_serial_t)found, value, sizeof value) != (long)strlen(STORED_VALUE))
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
    stored_populate(&store, count);
    for (size_t i = 0; i < LOOKUPS; i++) {
        stored_key((size_t)rand_r(&seed) % count, key);
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
