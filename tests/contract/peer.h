/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_CONTRACT_PEER_H
#define TESTS_CONTRACT_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How many files this process has open, of whatever kind the system counts. */
size_t peer_open_files(void);

/* Another process. */
struct peer {
    intptr_t process;
    int from; /* its standard output; -1 if not wanted */
};

/* The result of a peer that peer_kill has ended. */
#define PEER_KILLED 137

/* Starts this program with `arguments`, ended by NULL; the first is its name. */
struct peer peer_start(const char *const *arguments, bool with_output);

/* Starts another program. */
struct peer peer_start_program(const char *program, const char *const *arguments, bool with_output);

/* The place at which a shared store process of a test listens that has this folder to itself. */
void peer_socket(const char *folder, char *out, size_t size);

/* Waits until somebody listens there. */
void peer_socket_wait(const char *place);

/* Waits for its end and returns its exit code. */
int peer_finish(const struct peer *peer);

/* Ends it at once, wherever it is. */
void peer_kill(const struct peer *peer);

#endif
