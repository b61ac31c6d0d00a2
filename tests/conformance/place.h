/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_CONFORMANCE_PLACE_H
#define TESTS_CONFORMANCE_PLACE_H

#include <stdbool.h>

/*
 * Where a backend keeps the secrets of one test: what the environment must say, beyond the test's
 * own folder, for the store to be empty and nobody else's. The servers are started by what starts
 * the program (tests/servers).
 */

/* Whether the test may set HOME and take the variables of the session bus and the clouds away. */
bool place_is_folder(const char *backend);

/* Makes a new, empty place, and writes it in the environment; false if that is not possible. */
bool place_make(const char *backend);

/* The configuration that most tests want: what another process changes is seen at once, and what is
 * deleted is gone. */
const char *place_configuration(const char *backend);

/* Removes it. */
void place_remove(const char *backend);

#endif
