/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_WINDOWS_CREDENTIAL_FIXTURE_H
#define TESTS_WINDOWS_CREDENTIAL_FIXTURE_H

#include "tests/store_fixture.h"

/* The store is in the Credential Manager, or on its double. */

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

enum store_err fixture_put_long(const char *key, char letter, size_t len, const char *if_version);
void fixture_expect_long(const char *key, char letter, size_t len);

/* The letter of a whole long value, 0 if it is something else. */
char fixture_letter(const struct store_secret *value);

#endif
