/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/conformance.h"

#include <stdlib.h>
#include <string.h>

/* 5.4 General-purpose functions: C_Initialize, C_Finalize, C_GetInfo. */

static CK_RV create_mutex(void **mutex)
{
    *mutex = malloc(1);
    return *mutex == NULL ? CKR_HOST_MEMORY : CKR_OK;
}

static CK_RV destroy_mutex(void *mutex)
{
    free(mutex);
    return CKR_OK;
}

static CK_RV use_mutex(void *mutex)
{
    return mutex == NULL ? CKR_ARGUMENTS_BAD : CKR_OK;
}

/* Arguments with the mutex functions whose bit is set. */
static CK_C_INITIALIZE_ARGS arguments_with(CK_FLAGS flags, unsigned functions)
{
    return (CK_C_INITIALIZE_ARGS){
        .CreateMutex = functions & 1 ? create_mutex : NULL,
        .DestroyMutex = functions & 2 ? destroy_mutex : NULL,
        .LockMutex = functions & 4 ? use_mutex : NULL,
        .UnlockMutex = functions & 8 ? use_mutex : NULL,
        .flags = flags,
    };
}

/* 5.4.1: "The value of the pointer can be NULL_PTR, in which case no threads will use it". */
static void initialize_takes_null(void **state)
{
    (void)state;
    assert_rv(p11->C_Initialize(NULL), CKR_OK);
    assert_rv(p11->C_Finalize(NULL), CKR_OK);
}

/* 5.4.1: the four cases of flag and functions. The library's own locks do for every host but one
 * that gives functions and does not allow the operating system's: that one gets CKR_CANT_LOCK. A
 * library that needs no threads of its own does not mind CKF_LIBRARY_CANT_CREATE_OS_THREADS. */
static void initialize_takes_every_combination_of_flags(void **state)
{
    static const struct {
        CK_FLAGS flags;
        unsigned functions;
        CK_RV rv;
    } cases[] = {
        {0, 0, CKR_OK},
        {CKF_LIBRARY_CANT_CREATE_OS_THREADS, 0, CKR_OK},
        {CKF_OS_LOCKING_OK, 0, CKR_OK},
        {CKF_OS_LOCKING_OK | CKF_LIBRARY_CANT_CREATE_OS_THREADS, 0, CKR_OK},
        {CKF_OS_LOCKING_OK, 15, CKR_OK},
        {CKF_OS_LOCKING_OK | CKF_LIBRARY_CANT_CREATE_OS_THREADS, 15, CKR_OK},
        {0, 15, CKR_CANT_LOCK},
        {CKF_LIBRARY_CANT_CREATE_OS_THREADS, 15, CKR_CANT_LOCK},
    };
    CK_INFO info;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        CK_C_INITIALIZE_ARGS arguments = arguments_with(cases[i].flags, cases[i].functions);
        assert_rv(p11->C_Initialize(&arguments), cases[i].rv);
        assert_rv(p11->C_GetInfo(&info),
                  cases[i].rv == CKR_OK ? CKR_OK : CKR_CRYPTOKI_NOT_INITIALIZED);
        if (cases[i].rv == CKR_OK)
            assert_rv(p11->C_Finalize(NULL), CKR_OK);
    }
}

/* 5.4.1: "some, but not all, of the supplied function pointers are non-NULL_PTR" is
 * CKR_ARGUMENTS_BAD with any flags. */
static void initialize_refuses_half_a_set_of_functions(void **state)
{
    (void)state;
    for (CK_FLAGS flags = 0; flags < 4; flags++) {
        for (unsigned functions = 1; functions < 15; functions++) {
            CK_C_INITIALIZE_ARGS arguments = arguments_with(flags, functions);
            assert_rv(p11->C_Initialize(&arguments), CKR_ARGUMENTS_BAD);
        }
    }
    assert_rv(p11->C_Initialize(NULL), CKR_OK);
}

/* The host owns the arguments, and may free them after the call. */
static void initialize_keeps_nothing_of_the_hosts(void **state)
{
    CK_C_INITIALIZE_ARGS *arguments = calloc(1, sizeof *arguments);
    CK_INFO info;

    (void)state;
    assert_non_null(arguments);
    *arguments = arguments_with(CKF_OS_LOCKING_OK, 15);
    assert_rv(p11->C_Initialize(arguments), CKR_OK);
    memset(arguments, 0xff, sizeof *arguments);
    free(arguments);
    assert_rv(p11->C_GetInfo(&info), CKR_OK);
    (void)open_ro();
    assert_rv(p11->C_Finalize(NULL), CKR_OK);
}

/* 5.4.1: CKR_CRYPTOKI_ALREADY_INITIALIZED; the library stays as it was. */
static void initializing_twice_is_refused(void **state)
{
    CK_SESSION_HANDLE session;
    CK_SESSION_INFO info;

    (void)state;
    assert_rv(p11->C_Initialize(NULL), CKR_OK);
    session = open_ro();
    assert_rv(p11->C_Initialize(NULL), CKR_CRYPTOKI_ALREADY_INITIALIZED);
    assert_rv(p11->C_GetSessionInfo(session, &info), CKR_OK);
    assert_rv(p11->C_Finalize(NULL), CKR_OK);
    assert_rv(p11->C_Initialize(NULL), CKR_OK);
    assert_rv(p11->C_GetSessionInfo(session, &info), CKR_SESSION_HANDLE_INVALID);
}

/* 5.4.2: the reserved argument must be NULL; without a library CKR_CRYPTOKI_NOT_INITIALIZED. */
static void finalize_checks_its_argument_and_its_turn(void **state)
{
    CK_INFO info;

    (void)state;
    assert_rv(p11->C_Finalize(NULL), CKR_CRYPTOKI_NOT_INITIALIZED);
    assert_rv(p11->C_Initialize(NULL), CKR_OK);
    assert_rv(p11->C_Finalize(&info), CKR_ARGUMENTS_BAD);
    assert_rv(p11->C_GetInfo(&info), CKR_OK);
    assert_rv(p11->C_Finalize(NULL), CKR_OK);
    assert_rv(p11->C_Finalize(NULL), CKR_CRYPTOKI_NOT_INITIALIZED);
}

/* 5.4.3 and 3.1: blank padded texts without a NUL; "flags: MUST be zero for this version". */
static void info_is_padded_and_of_a_version_we_speak(void **state)
{
    CK_INFO info;

    (void)state;
    memset(&info, 0xaa, sizeof info);
    assert_rv(p11->C_GetInfo(&info), CKR_OK);
    assert_true((info.cryptokiVersion.major == 2 && info.cryptokiVersion.minor == 40) ||
                (info.cryptokiVersion.major == 3 && info.cryptokiVersion.minor == 0));
    assert_int_equal(info.flags, 0);
    assert_null(memchr(info.manufacturerID, '\0', sizeof info.manufacturerID));
    assert_null(memchr(info.libraryDescription, '\0', sizeof info.libraryDescription));
    assert_true(info.manufacturerID[0] != ' ' && info.libraryDescription[0] != ' ');
    assert_true(info.manufacturerID[0] < 0x80 && info.libraryDescription[0] < 0x80);
    assert_rv(p11->C_GetInfo(NULL), CKR_ARGUMENTS_BAD);
}

/* After a configuration that cannot be used the library is not initialized, and a corrected one
 * makes it so. */
static void a_bad_configuration_is_an_error_that_can_be_mended(void **state)
{
    CK_INFO info;

    (void)state;
    write_configuration("{\"pkcs11\": {\"tokens\": 7}}");
    assert_rv(p11->C_Initialize(NULL), CKR_SIDESEAT_MISCONFIGURED);
    assert_rv(p11->C_GetInfo(&info), CKR_CRYPTOKI_NOT_INITIALIZED);
    write_configuration("{}");
    assert_rv(p11->C_Initialize(NULL), CKR_OK);
}

static const struct CMUnitTest tests[] = {
    bare(initialize_takes_null),
    bare(initialize_takes_every_combination_of_flags),
    bare(initialize_refuses_half_a_set_of_functions),
    bare(initialize_keeps_nothing_of_the_hosts),
    bare(initializing_twice_is_refused),
    bare(finalize_checks_its_argument_and_its_turn),
    open_library(info_is_padded_and_of_a_version_we_speak),
    bare(a_bad_configuration_is_an_error_that_can_be_mended),
};

const struct chapter general_chapter = CHAPTER("general", tests);
