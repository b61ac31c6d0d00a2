/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_MISSING_H
#define PLATFORM_MISSING_H

/* For the qsort_r of macOS and Windows: their own function gives the comparison its argument first.
 */
struct missing_order {
    int (*compare)(const void *a, const void *b, void *arg);
    void *arg;
};

/* Compares as the struct missing_order at `order` says. */
int missing_compare(void *order, const void *a, const void *b);

#endif
