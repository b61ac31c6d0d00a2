/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_CONF_CONF_FIXTURE_H
#define TESTS_UNIT_CONF_CONF_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <cmocka.h>

#include "conf/load.h"

/*
 * Shared by the tests of conf/: a folder of their own, an environment without relevant variables,
 * the log's lines, and a registry with only names, so that they do not depend on the backends of a
 * build.
 */

/* True if the registry has a row for the Secret Service; true after the setup. */
extern bool registry_has_secret_service;

/* The folder, which holds an empty home (HOME) and no system file. */
extern char fixture_folder[64];

/* For each test: cmocka_unit_test_setup_teardown(test, conf_setup, conf_teardown). */
int conf_setup(void **state);
int conf_teardown(void **state);
#define CONF_TEST(test) cmocka_unit_test_setup_teardown(test, conf_setup, conf_teardown)

/* The path of a file in the folder; good until the next but seven. */
const char *fixture_path(const char *name);

/* Makes a file in the folder, with the folders on its way. Gives its path, as above. */
const char *fixture_file(const char *name, mode_t mode, const char *text);
#define SYSTEM_FILE "etc/sideseat.json"
#define HOME_FILE "home/.sideseat/sideseat.json"

/* Loads with the folder's system file; the teardown frees it. The log begins anew. */
enum store_err fixture_load(const char *arguments);
const struct store_conf *fixture_token(size_t index);
extern struct store_conf_set *fixture_set;

/* As fixture_load with one more argument, config=, for a file of this text. */
enum store_err fixture_load_text(const char *text);

/* The log since the last load, with a newline after each line; and the number of lines. */
extern char fixture_log[32768];
size_t fixture_log_lines(void);

/* Fails the test unless some line has `text` in it; or none has. */
void assert_logged(const char *text);
void assert_not_logged(const char *text);

/* Fails unless loading gives BAD_CONF with one line that has both texts in it. */
void assert_refused(const char *arguments, const char *text, const char *remedy);
void assert_text_refused(const char *file_text, const char *text, const char *remedy);

#endif
