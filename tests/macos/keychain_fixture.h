/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_MACOS_KEYCHAIN_FIXTURE_H
#define TESTS_MACOS_KEYCHAIN_FIXTURE_H

#include "tests/macos/double.h"
#include "tests/store_fixture.h"

/* The store is on the double. The teardown also fails if an object of CoreFoundation leaks. */

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

enum store_err fixture_login(void);
enum store_err fixture_lock(void);

/* The folder of the test's keychains and data. */
const char *fixture_folder(void);

#endif
