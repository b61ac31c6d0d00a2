/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_WINDOWS_CREDENTIALS_H
#define TESTS_WINDOWS_CREDENTIALS_H

#include <stdbool.h>
#include <stddef.h>

/* Credentials for a test: on Linux those of a folder, with the double (double/place.c); on Windows
 * those of the user (user.c). */

/* Makes an empty place, writes its name to `out` and uses it. */
bool credentials_make(char *out, size_t size);

/* Uses a place that another process has made. */
void credentials_use(const char *where);

/* Removes the place. */
void credentials_remove(const char *where);

/* The longest key that each kind of character can have there; 0: every valid one. */
size_t credentials_key_max(void);

/* The number of credentials whose names begin like this, in small letters. */
size_t credentials_count(const char *begin);

/* Ends this process before call number `call`, counted from here, of the Credential Manager, as if
 * somebody had killed it. */
void credentials_die_at(int call);

/* Runs credentials_child(), which the test defines, in a process of its own. credentials_end()
 * waits for its result, or CREDENTIALS_KILLED. */
#define CREDENTIALS_KILLED 137
typedef struct credentials_process credentials_process;
credentials_process *credentials_start(const char *work, int number);
int credentials_end(credentials_process *process);
int credentials_child(const char *work, int number);

#endif
