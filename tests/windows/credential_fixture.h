/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_WINDOWS_CREDENTIAL_FIXTURE_H
#define TESTS_WINDOWS_CREDENTIAL_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store/backend.h"

/* A store of the backend, and the log. A value in these tests begins with "s3cret", and the
 * teardown fails if the log has one. */

#define VALUE "s3cret one"
#define OTHER_VALUE "s3cret two"

/* Long values are "s3cret" and then one letter only, so that a mixture of two is seen. */
#define LONG_LEN ((size_t)6000)
#define LONG_PARTS 3

int fixture_setup(void **state);
int fixture_teardown(void **state);
#define FIXTURE_TEST(function)                                                                     \
    cmocka_unit_test_setup_teardown(function, fixture_setup, fixture_teardown)

/* Opens the test's store, in place of the one before. */
void fixture_open(void);
void fixture_open_for(const char *timeout_ms);

enum store_err fixture_put(const char *key, const char *value, const char *if_version,
                           struct store_record *out);
enum store_err fixture_put_long(const char *key, char letter, size_t len, const char *if_version);
enum store_err fixture_get(const char *key, struct store_record *out);
enum store_err fixture_remove(const char *key, const char *if_version);
struct store_health fixture_health(void);

/* Lists every key; their number. */
enum store_err fixture_list(size_t *count);

/* The letter of a whole long value, 0 if it is something else. */
char fixture_letter(const struct store_secret *value);

/* Fails the test unless `key` holds the text, or for NULL does not exist. */
void fixture_expect(const char *key, const char *value);
void fixture_expect_long(const char *key, char letter, size_t len);

/* How many lines of the log have the text. */
int fixture_logged(const char *text);
void fixture_forget_log(void);

#define assert_err(expression, expected)                                                           \
    do {                                                                                           \
        enum store_err got_ = (expression);                                                        \
        if (got_ != (expected))                                                                    \
            fail_msg("%s is %s and not %s", #expression, store_err_name(got_),                     \
                     store_err_name(expected));                                                    \
    } while (0)

#endif
