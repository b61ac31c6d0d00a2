/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FAULT_FILE_FAULT_H
#define TESTS_FAULT_FILE_FAULT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/types.h>

#include "store/backend.h"

/* Shared by the fault tests of the file backend: a data folder for each test. */

struct fault {
    char folder[200];
    char path[300]; /* secrets.json */
};

/* cmocka's set-up and tear-down of one test: a fresh folder, removed again with all in it. */
int fault_setup(void **state);
int fault_teardown(void **state);

/* Opens the store in a folder; aborts the process if that fails. */
struct store fault_open(const char *folder);
void fault_close(struct store *store);

/* The short ways to call a store. */
enum store_err fault_put(const struct store *store, const char *key, const char *value);
enum store_err fault_get(const struct store *store, const char *key, char *value, size_t size);

/* The errors of an open, one read and one write in a folder. */
enum store_err fault_read_in(const char *folder, const char *key, char *value, size_t size);
enum store_err fault_write_in(const char *folder, const char *key, const char *value);

/* Writes a file as it is, or reads one whole (the caller frees; NULL if there is none). */
void fault_make(const char *path, const char *text, mode_t mode);
char *fault_slurp(const char *path);

/* Fails the test unless the file is this text. */
void fault_expect_file(const char *path, const char *text);

/* How many names in a folder begin with `start`. */
size_t fault_count(const char *folder, const char *start);

/* True if a test without its privilege may be left out, which CI does not allow. */
void fault_skip_without(const char *what);

#define assert_err(expression, expected)                                                           \
    assert_string_equal(store_err_name(expression), store_err_name(expected))

#endif
