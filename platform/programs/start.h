/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_PROGRAMS_START_H
#define PLATFORM_PROGRAMS_START_H

#include <stdbool.h>

/* Each program of this project calls this first. On Windows it converts the arguments to UTF-8,
 * stops the conversion of line ends on standard input and output, and sets the console to UTF-8.
 * False, with errno, if the arguments cannot be read: EILSEQ if one is not Unicode. */
bool platform_start(int *argc, char ***argv);

/* Keeps what is in memory out of a file that the system writes when this program crashes. */
void platform_guard(void);

/*
 * Becomes the program, found in PATH, with these variables. It gets the limits that this process
 * was started with. Returns only with a failure, an errno: ENOENT if there is no such program.
 *
 * Windows cannot do that. There the program runs beside this process, which then calls
 * `running(arg)`, to forget what it knows, and ends with the program's status once that has ended.
 * Both get the keys that interrupt a program, and this process ignores them. The program ends if
 * this process is ended. A batch file is refused (ENOEXEC): its words would be read once more, as
 * commands. A variable whose name differs from a later one only in case is left out.
 */
int platform_become(char **program, char **variables, void (*running)(void *), void *arg);

#endif
