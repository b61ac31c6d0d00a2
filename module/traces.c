/* SPDX-License-Identifier: Apache-2.0 */
#include "module/traces.h"

#include <string.h>

#include "store/secret.h"

#define HASH_DEPTH 4096
#define KEY_DEPTH (32 * 1024)

#if defined(__x86_64__)
#define ZERO(n) "vpxord %%zmm" #n ", %%zmm" #n ", %%zmm" #n "\n\t"

/* The registers that only AVX-512 has; any function may change them. */
static __attribute__((noinline, target("avx512f"))) void wipe_avx512(void)
{
    __asm__ volatile(ZERO(16) ZERO(17) ZERO(18) ZERO(19) ZERO(20) ZERO(21) ZERO(22) ZERO(23)
                         ZERO(24) ZERO(25) ZERO(26) ZERO(27) ZERO(28) ZERO(29) ZERO(30) ZERO(31)::
                             : "memory");
}

static __attribute__((noinline, target("avx"))) void wipe_avx(void)
{
    __asm__ volatile("vzeroall" ::: "memory");
}

static void wipe_wide_registers(void)
{
    if (__builtin_cpu_supports("avx512f"))
        wipe_avx512();
    if (__builtin_cpu_supports("avx"))
        wipe_avx();
}
#else
static void wipe_wide_registers(void)
{
}
#endif

/* memcpy chose the registers that hold a copied secret, so memcpy overwrites them; libcrypto's own
 * code uses all there are. */
static void wipe_registers(unsigned char *stack, size_t size)
{
    static void *(*volatile const copy)(void *, const void *, size_t) = memcpy;

    for (size_t len = 16; len <= 512; len *= 2)
        copy(stack, stack + size / 2, len);
    wipe_wide_registers();
}

__attribute__((noinline)) void traces_wipe_hash(void)
{
    unsigned char stack[HASH_DEPTH];

    store_wipe(stack, sizeof stack);
    wipe_registers(stack, sizeof stack);
}

__attribute__((noinline)) void traces_wipe_key(void)
{
    unsigned char stack[KEY_DEPTH];

    store_wipe(stack, sizeof stack);
    wipe_registers(stack, sizeof stack);
}
