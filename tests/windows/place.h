/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_WINDOWS_PLACE_H
#define TESTS_WINDOWS_PLACE_H

#include <stdbool.h>
#include <stddef.h>

/* Credentials for a test: on Linux those of a folder, with the double (double/place.c); on Windows
 * those of the user. */

/* Makes an empty place, writes its name to `out` and uses it. */
bool place_make(char *out, size_t size);

/* Uses a place that another process has made. */
void place_use(const char *where);

/* Removes the place. */
void place_remove(const char *where);

/* The longest key that each kind of character can have there; 0: every valid one. */
size_t place_key_max(void);

/* The number of credentials whose names begin like this, in small letters. */
size_t place_count(const char *begin);

/* Ends this process before call number `call`, counted from here, of the Credential Manager, as if
 * somebody had killed it. */
void place_die_at(int call);

/* Runs place_child(), which the test defines, in a process of its own. place_end() waits for its
 * result, or PLACE_KILLED. */
#define PLACE_KILLED 137
typedef struct place_process place_process;
place_process *place_start(const char *work, int number);
int place_end(place_process *process);
int place_child(const char *work, int number);

#endif
