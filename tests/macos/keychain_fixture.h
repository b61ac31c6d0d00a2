/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_MACOS_KEYCHAIN_FIXTURE_H
#define TESTS_MACOS_KEYCHAIN_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store/backend.h"
#include "tests/macos/double.h"

/* A store on the double, and the log. A value in these tests begins with "s3cret", and the teardown
 * fails if the log has one. */

#define VALUE "s3cret one"
#define OTHER_VALUE "s3cret two"

enum fixture_choice {
    FIXTURE_BY_NAME,
    FIXTURE_BY_PLATFORM,
};

int fixture_setup(void **state);
int fixture_teardown(void **state);
#define FIXTURE_TEST(function)                                                                     \
    cmocka_unit_test_setup_teardown(function, fixture_setup, fixture_teardown)

/* Opens the test's store, in place of the one before. */
void fixture_open(const char *backend, enum fixture_choice choice);

enum store_err fixture_put(const char *key, const char *value, const char *if_version,
                           struct store_record *out);
enum store_err fixture_get(const char *key, struct store_record *out);
enum store_err fixture_remove(const char *key, const char *if_version);
enum store_err fixture_login(void);
struct store_health fixture_health(void);

/* Lists every key; their number. */
enum store_err fixture_list(size_t *count);

/* Fails the test unless `key` holds the text, or for NULL does not exist. */
void fixture_expect(const char *key, const char *value);

/* How many lines of the log have the text. */
int fixture_logged(const char *text);
void fixture_forget_log(void);

/* The folder of the test's keychains and data. */
const char *fixture_folder(void);

#define assert_err(expression, expected)                                                           \
    do {                                                                                           \
        enum store_err got_ = (expression);                                                        \
        if (got_ != (expected))                                                                    \
            fail_msg("%s is %s and not %s", #expression, store_err_name(got_),                     \
                     store_err_name(expected));                                                    \
    } while (0)

#endif
