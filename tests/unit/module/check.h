/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_MODULE_CHECK_H
#define TESTS_UNIT_MODULE_CHECK_H

/* cmocka and the headers that it needs before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#endif
