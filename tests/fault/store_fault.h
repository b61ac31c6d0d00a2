/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FAULT_STORE_FAULT_H
#define TESTS_FAULT_STORE_FAULT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <sys/types.h>

#include "store/backend.h"

/* A file store in a store process, for the tests that do that process harm. */
struct fault_store {
    char folder[64];
    struct store_conf_set *conf;
    struct store store;
};

#define FAULT_KEY "global/a"

/* A store in an empty folder, which holds FAULT_KEY once `seed` is true. */
void fault_store_open(struct fault_store *fault, bool seed);
void fault_store_close(struct fault_store *fault);

/* Closes the store, waits until its process has ended, opens the store again and reads from it. */
void fault_store_reopen(struct fault_store *fault);

/* As cmocka's setup and teardown; the state is the store. */
int fault_setup(void **state);
int fault_teardown(void **state);

enum store_err fault_read(struct fault_store *fault);
enum store_err fault_write(struct fault_store *fault, const char *value);

/* The store process of the only store that this process has; 0 if there is none. */
pid_t fault_process(void);

/* Stops it, and waits until it has. */
void fault_freeze(pid_t pid);

/* Waits until a process has ended, be it reaped or not. */
void fault_wait_end(pid_t pid);

/* Opens the pidfd for fault_wait_end, while the process is known to live. */
int fault_watch(pid_t pid);
void fault_wait_watched(int watch);

/* Waits until a thread of this process sleeps in poll. */
void fault_wait_poll(pid_t thread);

#endif
