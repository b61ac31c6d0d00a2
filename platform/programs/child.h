/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_PROGRAMS_CHILD_H
#define PLATFORM_PROGRAMS_CHILD_H

#include <stdbool.h>
#include <time.h>

/* A program that this one runs beside itself, one after the other, and what ends this one. One
 * thread. */

/* From now on SIGTERM, SIGINT, SIGHUP and SIGQUIT (on Windows Ctrl-C and Ctrl-Break) do not end
 * this program: platform_child_wait waits for them. Call it before other threads start. */
void platform_child_prepare(void);

/* Starts the program, found in PATH, with the variables of this process. If the program cannot run,
 * this calls `failed` with the errno, on POSIX in the forked child, and its result becomes the exit
 * status of the program. Returns 0, or an errno if the system can start no process. */
int platform_child_start(char **program, int (*failed)(const char *name, int error));

/* True from the start of the program on, until a wait notes that it has ended. */
bool platform_child_runs(void);

/* Waits until the program ends, at most for the time. True for what ends this program; the program
 * that runs gets it, too. */
bool platform_child_wait(time_t seconds);

/* The status of the program that has ended, 128 and a signal's number for a signal; or that for the
 * end of this program. */
int platform_child_status(void);

/* The signals that a program can be sent, for messages, "" if the system has none; the number of
 * one, 0 if there is none of this name; and sends it, if the program runs. */
extern const char platform_signal_names[];
int platform_signal_number(const char *name);
void platform_child_signal(int number);

#endif
