/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_STORE_CACHE_CACHE_FIXTURE_H
#define TESTS_UNIT_STORE_CACHE_CACHE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdatomic.h>

#include "store/cache/cache.h"
#include "store/time.h"
#include "tests/unit/store/cache/scripted.h"

/* A cache of 100 s, 10 entries, 1,000 s of stale values and 5 s of negative ones, in front of the
 * scripted store, with a clock that the test sets. */

#define S STORE_TIME_S

extern _Atomic(int64_t) clock_ns;
extern struct store store;
extern struct store_conf_set *cache_set;
extern atomic_int lines; /* that were logged */

/* Changes a setting. */
void cache_put(const char *path, const char *value);

/* As cmocka's setup and teardown. */
int cache_setup(void **state);
int cache_teardown(void **state);
#define CASE(name) cmocka_unit_test_setup_teardown(name, cache_setup, cache_teardown)

/* The number of keys that the cache has, those of missing secrets included. */
size_t keys_kept(void);

/* Reads a key, and wants this. */
void expect_of(const char *key, enum store_err err, const char *value, bool stale);

/* The same of global/a, which is to have the value. */
void expect(const char *value);

/* Writes global/a. */
enum store_err put_value(const char *value);

/* Counts the values of a listing or a bulk read into an int. */
enum store_err count_ok(void *arg, const char *key, enum store_err err,
                        const struct store_record *record);

#endif
