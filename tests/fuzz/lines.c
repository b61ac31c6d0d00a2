/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"

#include <string.h>

void fuzz_check_line(void *arg, enum store_log_level level, const char *text)
{
    (void)arg;
    (void)level;
    FUZZ_CHECK(strchr(text, '\n') == NULL);
}

void fuzz_drop_line(void *arg, enum store_log_level level, const char *text)
{
    (void)arg;
    (void)level;
    (void)text;
}
