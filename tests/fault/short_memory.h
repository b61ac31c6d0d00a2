/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_SHORT_MEMORY_H
#define TESTS_SHORT_MEMORY_H

/*
 * For tests in which memory runs out at the first allocation of what is tested, at the second, and
 * so on. The linker puts functions that fail in the place of the C library's and of the secrets',
 * for our own code.
 */

/* So many allocations from now one fails; 0: none does, or it has. */
extern unsigned long short_memory_at;

#endif
