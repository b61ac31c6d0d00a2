/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_BENCH_STORED_H
#define TESTS_BENCH_STORED_H

#include <stddef.h>
#include <stdint.h>

#include "store/backend.h"
#include "store/conf.h"

/* The store that a benchmark measures. */

/* Puts a setting, or ends the benchmark. */
void stored_setting(struct store_conf_set *set, const char *path, const char *value);

/* The key of secret `i`, and the value of every one that stored_populate writes. */
#define STORED_VALUE "a value of some forty bytes, as keys are"
void stored_key(size_t i, char key[64]);

/* Writes so many secrets, or ends the benchmark. */
void stored_populate(const struct store *store, size_t count);

/* How long reading `key` takes, in nanoseconds; the benchmark ends if that fails. */
int64_t stored_read_time(const struct store *store, const char *key);

#endif
