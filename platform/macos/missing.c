/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/macos/missing.h"

#define __STDC_WANT_LIB_EXT1__ 1
#include <string.h>

#include "platform/missing.h"

#undef qsort_r

void explicit_bzero(void *bytes, size_t len)
{
    (void)memset_s(bytes, len, 0, len);
}

void macos_qsort_r(void *array, size_t count, size_t size,
                   int (*compare)(const void *a, const void *b, void *arg), void *arg)
{
    struct missing_order order = {compare, arg};

    qsort_r(array, count, size, &order, missing_compare);
}
