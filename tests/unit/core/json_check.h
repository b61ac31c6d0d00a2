/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_CORE_JSON_CHECK_H
#define TESTS_UNIT_CORE_JSON_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "core/json.h"

/* Fails unless a value was written like this. */
static inline void assert_raw(struct json_value value, const char *text)
{
    AUTO_SECRET raw = {0};

    json_raw(value, &raw);
    assert_int_equal(raw.len, strlen(text));
    assert_memory_equal(raw.data, text, raw.len);
}

#endif
