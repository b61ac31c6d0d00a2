/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/conformance.h"

#include <sys/mman.h>

/* 5.19 Random number generation. */

static void random_bytes_differ(void **state)
{
    CK_SESSION_HANDLE session = open_ro();
    unsigned char first[64] = {0};
    unsigned char second[64] = {0};

    (void)state;
    assert_rv(p11->C_GenerateRandom(session, first, sizeof first), CKR_OK);
    assert_rv(p11->C_GenerateRandom(session, second, sizeof second), CKR_OK);
    assert_memory_not_equal(first, second, sizeof first);
}

static void just_as_many_as_asked_for(void **state)
{
    static unsigned char buffer[70000];
    CK_SESSION_HANDLE session = open_ro();
    size_t zeros = 0;

    (void)state;
    assert_rv(p11->C_GenerateRandom(session, buffer, 65000), CKR_OK);
    for (size_t i = 65000; i < sizeof buffer; i++)
        assert_int_equal(buffer[i], 0);
    for (size_t i = 0; i < 65000; i++)
        zeros += buffer[i] == 0;
    assert_true(zeros < 1000); /* about 254 */
    assert_rv(p11->C_GenerateRandom(session, NULL, 8), CKR_ARGUMENTS_BAD);
}

/* The generator of a forked child does not repeat its parent's bytes. */
static unsigned char *childs; /* shared with the child */

static int draw_in_child(void)
{
    if (p11->C_Initialize(NULL) != CKR_OK)
        return 2;
    return p11->C_GenerateRandom(open_ro(), childs, 32) == CKR_OK ? 0 : 3;
}

static void a_child_draws_other_bytes(void **state)
{
    CK_SESSION_HANDLE session = open_ro();
    unsigned char ours[32];

    (void)state;
    childs = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(childs != MAP_FAILED);
    assert_rv(p11->C_GenerateRandom(session, ours, sizeof ours), CKR_OK);
    assert_int_equal(in_child(draw_in_child), 0);
    assert_rv(p11->C_GenerateRandom(session, ours, sizeof ours), CKR_OK);
    assert_memory_not_equal(ours, childs, sizeof ours);
    munmap(childs, 4096);
}

/* 5.19.1: the generator is the operating system's and takes no seed. */
static void seeding_is_not_supported(void **state)
{
    CK_SESSION_HANDLE session = open_ro();
    unsigned char seed[8] = {0};

    (void)state;
    assert_rv(p11->C_SeedRandom(session, seed, sizeof seed), CKR_RANDOM_SEED_NOT_SUPPORTED);
    assert_rv(p11->C_SeedRandom(session, NULL, sizeof seed), CKR_ARGUMENTS_BAD);
    assert_rv(p11->C_SeedRandom(session, NULL, 0), CKR_RANDOM_SEED_NOT_SUPPORTED);
    assert_rv(p11->C_SeedRandom(session + 1, NULL, sizeof seed), CKR_SESSION_HANDLE_INVALID);
}

static const struct CMUnitTest tests[] = {
    open_library(random_bytes_differ),
    open_library(just_as_many_as_asked_for),
    open_library(a_child_draws_other_bytes),
    open_library(seeding_is_not_supported),
};

const struct chapter random_chapter = CHAPTER("random", tests);
