/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/conformance.h"

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#ifdef HAVE_MALLINFO2
#include <malloc.h>
#endif
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The module as a guest: forks, being unloaded, being initialized again and again, and the signals,
 * threads and descriptors of its host. */

static int use_in_child(void)
{
    CK_SESSION_HANDLE session;
    CK_OBJECT_HANDLE object;
    CK_INFO info;

    /* the parent's library is not the child's (5.4.1) */
    if (p11->C_GetInfo(&info) != CKR_CRYPTOKI_NOT_INITIALIZED)
        return 2;
    if (p11->C_Finalize(NULL) != CKR_CRYPTOKI_NOT_INITIALIZED)
        return 3;
    if (p11->C_Initialize(NULL) != CKR_OK)
        return 4;
    session = open_ro();
    object = find_label(session, "global/alpha");
    if (suite.persistent && object == 0)
        return 5;
    if (object != 0 &&
        strcmp(get_text(session, object, CKA_VALUE, NULL), "value of global/alpha") != 0)
        return 6;
    return p11->C_Finalize(NULL) == CKR_OK ? 0 : 7;
}

/* p11-kit, GnuTLS and pkcs11-tool --test-fork initialize again in a child. */
static void a_child_initializes_again(void **state)
{
    CK_SESSION_HANDLE session = open_ro();

    (void)state;
    expect_secret(session, seeded[0], "value of global/alpha");
    for (int i = 0; i < 3; i++)
        assert_int_equal(in_child(use_in_child), 0);
    expect_secret(session, seeded[1], "value of org/acme/api_key");
}

static int leave_at_once(void)
{
    exit(0); /* runs destructors, unloads the module, and must neither hang nor crash */
}

static void a_child_that_just_leaves_does_no_harm(void **state)
{
    CK_SESSION_HANDLE session = open_ro();

    (void)state;
    expect_secret(session, seeded[0], "value of global/alpha");
    assert_int_equal(in_child(leave_at_once), 0);
    expect_secret(session, seeded[0], "value of global/alpha");
}

/* True in a build with a sanitizer. Its allocator has locks that a fork does not release: a child
 * would wait for them if a thread of the parent allocated just then. */
#ifndef SANITIZED
#define SANITIZED false
#endif

static _Atomic bool stop;
static _Atomic int wrong;
static CK_OBJECT_HANDLE known;

static bool search(CK_SESSION_HANDLE session)
{
    CK_OBJECT_HANDLE object;
    CK_ULONG n;

    return p11->C_FindObjectsInit(session, NULL, 0) == CKR_OK &&
           p11->C_FindObjects(session, &object, 1, &n) == CKR_OK;
}

/* Allocates nothing. */
static bool look(CK_SESSION_HANDLE session)
{
    char text[64];
    CK_ATTRIBUTE label = {CKA_LABEL, text, sizeof text};

    return p11->C_GetAttributeValue(session, known, &label, 1) == CKR_OK;
}

/* Uses the library as fast as it can, so that a fork finds its locks taken. */
static void *keep_busy(void *arg)
{
    CK_SESSION_HANDLE session;

    (void)arg;
    while (!stop) {
        if (p11->C_OpenSession(1, CKF_SERIAL_SESSION, NULL, NULL, &session) != CKR_OK ||
            !(SANITIZED ? look(session) : search(session)) ||
            p11->C_CloseSession(session) != CKR_OK)
            wrong++;
    }
    return NULL;
}

static int initialize_in_child(void)
{
    if (p11->C_Initialize(NULL) != CKR_OK)
        return 2;
    return p11->C_OpenSession(1, CKF_SERIAL_SESSION, NULL, NULL, &(CK_SESSION_HANDLE){0}) == CKR_OK
               ? 0
               : 3;
}

static void a_fork_while_threads_work_does_not_deadlock(void **state)
{
    pthread_t threads[3];

    (void)state;
    known = find_label(open_ro(), seeded[0]);
    assert_true(known != 0);
    stop = false;
    wrong = 0;
    for (size_t i = 0; i < COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, keep_busy, NULL), 0);
    for (int i = 0; i < 20; i++)
        assert_int_equal(in_child(initialize_in_child), 0);
    stop = true;
    for (size_t i = 0; i < COUNT(threads); i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(wrong, 0);
}

static void load_again(void)
{
    CK_RV (*get_list)(CK_FUNCTION_LIST **);

    suite.handle = dlopen(suite.module, RTLD_NOW | RTLD_LOCAL);
    assert_non_null(suite.handle);
    *(void **)&get_list = dlsym(suite.handle, "C_GetFunctionList");
    assert_rv(get_list(&suite.functions), CKR_OK);
}

/* NSS, p11-kit and VeraCrypt unload. */
static void unloading_and_loading_again_works(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        (void)find(open_ro(), NULL, 0, NULL, 0);
        assert_rv(p11->C_Finalize(NULL), CKR_OK);
        assert_int_equal(dlclose(suite.handle), 0);
        load_again();
        assert_rv(p11->C_Initialize(NULL), CKR_OK);
    }
}

static int unload_without_finalize(void)
{
    for (int i = 0; i < 5; i++) {
        (void)find(open_ro(), NULL, 0, NULL, 0);
        if (dlclose(suite.handle) != 0)
            return 2;
        load_again();
        CK_RV rv = p11->C_Initialize(NULL);
        if (rv != CKR_OK && rv != CKR_CRYPTOKI_ALREADY_INITIALIZED) /* it may have stayed */
            return 3;
    }
    return 0;
}

static int unload_initialized(void)
{
    return p11->C_Initialize(NULL) == CKR_OK ? unload_without_finalize() : 4;
}

/* Some hosts unload the module without C_Finalize. */
static void unloading_without_finalize_does_not_crash(void **state)
{
    (void)state;
    assert_int_equal(in_child(unload_initialized), 0);
}

static size_t entries(const char *folder)
{
    DIR *open_folder = opendir(folder);
    size_t count = 0;

    assert_non_null(open_folder);
    while (readdir(open_folder) != NULL)
        count++;
    closedir(open_folder);
    return count;
}

static size_t mappings(void)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    size_t count = 0;
    int c;

    assert_non_null(maps);
    while ((c = fgetc(maps)) != EOF)
        count += c == '\n';
    fclose(maps);
    return count;
}

static void cycle(int number)
{
    static char words[] = "cache.ttl_s=60";
    CK_C_INITIALIZE_ARGS text = {.flags = CKF_OS_LOCKING_OK, .pReserved = words};
    CK_C_INITIALIZE_ARGS refused = {.flags = CKF_OS_LOCKING_OK, .pReserved = (void *)1};
    CK_SESSION_HANDLE session;

    /* refused, with a text, without one */
    assert_rv(p11->C_Initialize(&refused), CKR_ARGUMENTS_BAD);
    assert_rv(p11->C_Initialize(number % 2 == 0 ? &text : NULL), CKR_OK);
    session = open_ro();
    (void)find(session, NULL, 0, NULL, 0);
    assert_rv(p11->C_Finalize(NULL), CKR_OK);
}

/* The bytes that the host's allocator has given away; 0 if it does not tell. A sanitizer's does
 * not, and finds leaks by itself. */
static size_t allocated(void)
{
#ifdef HAVE_MALLINFO2
    return mallinfo2().uordblks;
#else
    return 0;
#endif
}

static void a_thousand_initializations_leave_nothing(void **state)
{
    size_t descriptors;
    size_t threads;
    size_t maps;
    size_t heap;

    (void)state;
    setenv("SIDESEAT_PKCS11_LOG_FILE", "/dev/null", 1); /* for a refused fork */
    for (int i = 0; i < 20; i++)
        cycle(i);
    descriptors = entries("/proc/self/fd");
    threads = entries("/proc/self/task");
    maps = mappings();
    heap = allocated();
    for (int i = 0; i < 1000; i++)
        cycle(i);
    assert_int_equal(entries("/proc/self/fd"), descriptors);
    assert_int_equal(entries("/proc/self/task"), threads);
    assert_true(mappings() <= maps + 10); /* the allocator's, not ours to count exactly */
    if (heap > 0)
        assert_true(allocated() < heap + 4096);
    unsetenv("SIDESEAT_PKCS11_LOG_FILE");
}

/* All descriptors of the module are close-on-exec, or the host's children would inherit a store. */
static void descriptors_are_closed_on_exec(void **state)
{
    bool hosts[256];
    CK_SESSION_HANDLE session;

    (void)state;
    for (int fd = 0; fd < 256; fd++)
        hosts[fd] = fcntl(fd, F_GETFD) >= 0;
    assert_rv(p11->C_Initialize(NULL), CKR_OK);
    session = suite.writable ? open_rw() : open_ro();
    (void)find(session, NULL, 0, NULL, 0);
    if (suite.writable)
        create_secret(session, "global/a", "x");
    for (int fd = 0; fd < 256; fd++) {
        int flags = fcntl(fd, F_GETFD);
        if (flags >= 0 && !hosts[fd])
            assert_true(flags & FD_CLOEXEC);
    }
}

/* Signals, their handlers, the umask, the working folder and the number of threads are the host's.
 */
static void the_host_stays_as_it_was(void **state)
{
    struct sigaction before[32];
    struct sigaction after;
    char folder_before[512];
    char folder_after[512];
    size_t threads = entries("/proc/self/task");
    mode_t mask = umask(027);

    (void)state;
    for (int signal = 1; signal < 32; signal++)
        sigaction(signal, NULL, &before[signal]);
    assert_non_null(getcwd(folder_before, sizeof folder_before));
    assert_rv(p11->C_Initialize(NULL), CKR_OK);
    CK_SESSION_HANDLE session = suite.writable ? open_rw() : open_ro();
    (void)find(session, NULL, 0, NULL, 0);
    if (suite.writable)
        create_secret(session, "global/a", "x");
    for (int signal = 1; signal < 32; signal++) {
        sigaction(signal, NULL, &after);
        assert_ptr_equal(after.sa_handler, before[signal].sa_handler);
    }
    assert_int_equal(umask(mask), 027);
    assert_non_null(getcwd(folder_after, sizeof folder_after));
    assert_string_equal(folder_before, folder_after);
    assert_int_equal(entries("/proc/self/task"), threads);
}

/* Nothing is taken from the folder a process happens to run in. */
static void the_current_folder_is_not_read(void **state)
{
    char here[512];
    CK_TOKEN_INFO info;

    (void)state;
    assert_non_null(getcwd(here, sizeof here));
    write_configuration("{\"pkcs11\": {\"tokens\": [{\"label\": \"planted\"}]}}");
    unsetenv("SIDESEAT_CONFIG");
    setenv("HOME", "/nonexistent", 1);
    assert_int_equal(chdir(suite.folder), 0);
    assert_rv(p11->C_Initialize(NULL), CKR_OK);
    assert_rv(p11->C_GetTokenInfo(1, &info), CKR_OK);
    assert_memory_not_equal(info.label, "planted", 7);
    assert_int_equal(chdir(here), 0);
}

static const struct CMUnitTest tests[] = {
    with_seed(a_child_initializes_again),
    with_seed(a_child_that_just_leaves_does_no_harm),
    with_seed(a_fork_while_threads_work_does_not_deadlock),
    open_library(unloading_and_loading_again_works),
    bare(unloading_without_finalize_does_not_crash),
    bare(a_thousand_initializations_leave_nothing),
    bare(descriptors_are_closed_on_exec),
    bare(the_host_stays_as_it_was),
    bare(the_current_folder_is_not_read),
};

const struct chapter process_chapter = CHAPTER("process", tests);
