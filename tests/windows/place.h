/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_WINDOWS_PLACE_H
#define TESTS_WINDOWS_PLACE_H

#include <stdbool.h>
#include <stddef.h>

/* Credentials for a test: those of a folder, with the double on Linux. */

/* Makes an empty place, writes its name to `out` and uses it. */
bool place_make(char *out, size_t size);

/* Uses a place that another process has made. */
void place_use(const char *where);

/* Removes the place. */
void place_remove(const char *where);

#endif
