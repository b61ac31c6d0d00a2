/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/conformance.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/*
 * pReserved of C_Initialize. The standard wants NULL there (5.4.1); p11-kit and NSS pass a string,
 * some hosts pass a structure of their own. Anything but a string of settings must give
 * CKR_ARGUMENTS_BAD, never a crash.
 */

static CK_RV initialize_with(const void *reserved)
{
    CK_C_INITIALIZE_ARGS arguments = {
        .flags = CKF_OS_LOCKING_OK,
        .pReserved = (void *)(uintptr_t)reserved,
    };

    return p11->C_Initialize(&arguments);
}

static void assert_refused(const void *reserved)
{
    CK_INFO info;

    assert_rv(initialize_with(reserved), CKR_ARGUMENTS_BAD);
    assert_rv(p11->C_GetInfo(&info), CKR_CRYPTOKI_NOT_INITIALIZED);
}

/* Arguments come before environment, file and platform. */
static void a_string_configures_the_library(void **state)
{
    CK_SLOT_INFO info;

    (void)state;
    assert_rv(initialize_with("backend=env"), CKR_OK);
    assert_rv(p11->C_GetSlotInfo(1, &info), CKR_OK);
    assert_backend(&info, "env");
    assert_rv(p11->C_Finalize(NULL), CKR_OK);
    assert_rv(initialize_with("  backend=env \t env.prefix=OTHER_ "), CKR_OK);
    assert_rv(p11->C_Finalize(NULL), CKR_OK);
}

static void a_string_without_words_says_nothing(void **state)
{
    CK_SLOT_INFO info;

    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_rv(initialize_with(i == 0 ? "" : "  \t "), CKR_OK);
        assert_rv(p11->C_GetSlotInfo(1, &info), CKR_OK);
        assert_backend(&info, suite.backend);
        assert_rv(p11->C_Finalize(NULL), CKR_OK);
    }
}

static void the_string_is_read_only_and_only_during_the_call(void **state)
{
    static const char words[] = "backend=env";
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *copy = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CK_SLOT_INFO info;

    (void)state;
    assert_true(copy != MAP_FAILED);
    memcpy(copy, words, sizeof words);
    assert_int_equal(mprotect(copy, page, PROT_READ), 0);
    assert_rv(initialize_with(copy), CKR_OK);
    munmap(copy, page);
    assert_rv(p11->C_GetSlotInfo(1, &info), CKR_OK);
    assert_backend(&info, "env");
}

static void pointers_that_cannot_be_read_are_refused(void **state)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    (void)state;
    assert_true(pages != MAP_FAILED);
    assert_refused((void *)1);
    assert_refused((void *)(uintptr_t)~0u);
    assert_refused((void *)UINTPTR_MAX);
    assert_refused((void *)(UINTPTR_MAX / 2 + 1));
    memset(pages, 'a', page);
    assert_int_equal(mprotect(pages + page, page, PROT_NONE), 0);
    assert_refused(pages + page);     /* not one byte */
    assert_refused(pages);            /* a page of text without an end */
    assert_refused(pages + page - 1); /* the same with one byte */
    memcpy(pages + page - 12, "backend=env", 12);
    assert_rv(initialize_with(pages + page - 12), CKR_OK); /* ends just in time */
    munmap(pages, 2 * page);
}

static void bytes_other_than_text_are_refused(void **state)
{
    static const char *const bad[] = {
        "\xff\xfe", "backend=\xc3",       "\x01\x02\x03", "backend=env\x1b[0m",
        "\200x=a",  "label=\355\240\200", "a\177=b",
    };
    struct { /* begins with a byte other than zero in either byte order: "" is a text */
        CK_ULONG size;
        void *pointer;
        CK_ULONG more[4];
    } structure = {(CK_ULONG)-1 / 255 * 6, &structure, {0x01020304, 2, 3, 4}};

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_refused(bad[i]);
    assert_refused(&structure);
}

static void a_text_that_is_far_too_long_is_refused(void **state)
{
    size_t size = (size_t)1 << 20;
    char *longest = malloc(size);

    (void)state;
    assert_non_null(longest);
    memset(longest, ' ', size);
    longest[size - 1] = '\0';
    assert_refused(longest);
    memset(longest, 'a', size - 1);
    assert_refused(longest);
    free(longest);
}

static void words_that_are_not_settings_are_refused(void **state)
{
    static const char *const bad[] = {
        "frobnicate",
        "=",
        "=env",
        "backend",
        "backend=",
        "backend=floppy",
        "no.such.setting=1",
        "cache.ttl_s=soon",
        "cache.ttl_s=-1",
        "backend=env frobnicate",
        "configdir='/home/u/.pki' certPrefix='' flags=readOnly", /* the string of NSS */
    };

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_refused(bad[i]);
    assert_rv(p11->C_Initialize(NULL), CKR_OK);
}

static const struct CMUnitTest tests[] = {
    bare(a_string_configures_the_library),
    bare(a_string_without_words_says_nothing),
    bare(the_string_is_read_only_and_only_during_the_call),
    bare(pointers_that_cannot_be_read_are_refused),
    bare(bytes_other_than_text_are_refused),
    bare(a_text_that_is_far_too_long_is_refused),
    bare(words_that_are_not_settings_are_refused),
};

const struct chapter arguments_chapter = CHAPTER("arguments", tests);
