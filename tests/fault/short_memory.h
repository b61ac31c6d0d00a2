/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FAULT_SHORT_MEMORY_H
#define TESTS_FAULT_SHORT_MEMORY_H

/*
 * For tests in which memory runs out at the first allocation of the tested code, at the second, and
 * so on. For our own code, the linker replaces the allocators of the C library and of secrets by
 * functions that can fail.
 */

/* So many allocations from now one fails; 0: none does, or it has. */
extern unsigned long short_memory_at;

#endif
