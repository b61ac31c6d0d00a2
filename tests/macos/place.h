/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_MACOS_PLACE_H
#define TESTS_MACOS_PLACE_H

#include <stdbool.h>
#include <stddef.h>

/* A folder of its own for the double's keychains, which a test uses. */

/* Makes the folder, writes its path to `out` and has the double use it. */
bool place_make(char *out, size_t size);

/* Removes the folder and the files in it. */
void place_remove(const char *folder);

/* The same as setup and teardown of cmocka; the state is the folder. The teardown fails if memory
 * or objects of CoreFoundation have leaked, in a build that can tell. */
int place_setup(void **state);
int place_teardown(void **state);

/* True if this build can tell of leaks, and there is one. */
bool place_leaks(void);

#endif
