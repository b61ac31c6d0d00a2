/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_THREAD_H
#define STORE_THREAD_H

#include <pthread.h>
#include <stdint.h>

/* One of 2^bits numbers for the calling thread, always the same: which part it uses of something
 * that is kept in parts so that threads seldom meet. Thread stacks lie far apart; a multiplication
 * spreads what little differs. */
static inline unsigned store_thread_part(unsigned bits)
{
    uint64_t id = (uint64_t)(uintptr_t)pthread_self();

    return (unsigned)((id * UINT64_C(0x9e3779b97f4a7c15)) >> (64 - bits));
}

#endif
