/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "store/log.h"

/* Each target defines this, for libFuzzer (preset `fuzz`) and driver.c (all others): it takes any
 * bytes, returns 0, and aborts the process on a fault. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Called once before; 0. */
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* Ends the process unless `condition` holds, in every build. */
#define FUZZ_CHECK(condition)                                                                      \
    do {                                                                                           \
        if (!(condition))                                                                          \
            __builtin_trap();                                                                      \
    } while (0)

/* For store_log_redirect: each entry must be one line; its text does not matter. */
void fuzz_check_line(void *arg, enum store_log_level level, const char *text);
void fuzz_drop_line(void *arg, enum store_log_level level, const char *text);

#endif
