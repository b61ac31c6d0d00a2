/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_CONFORMANCE_CONFORMANCE_H
#define TESTS_CONFORMANCE_CONFORMANCE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/conformance/cryptoki30.h"

/*
 * The module against the standard: PKCS #11 3.0 (the numbers in the cases are its sections; 2.40
 * has the same text unless noted) and the needs of real clients. The suite knows only pkcs11.h and
 * the public header, and loads the module like a client.
 *
 * program MODULE BACKEND CHAPTER [PATTERN], or, started by itself, program MODULE BACKEND child ….
 */

struct suite {
    const char *module;        /* its path */
    const char *backend;       /* that it runs on */
    const struct place *place; /* where that keeps the secrets */
    bool writable;
    bool persistent;  /* secrets survive C_Finalize */
    bool versions;    /* CKA_SIDESEAT_VERSION says something */
    bool times;       /* CKA_SIDESEAT_CREATED_AT and _UPDATED_AT do */
    char folder[128]; /* this test's own: home, configuration, data */
    void *handle;
    CK_FUNCTION_LIST *functions;
};
extern struct suite suite;

/* The functions of the module, as a client writes them: p11->C_GetInfo(…). */
#define p11 (suite.functions)

/* Each test begins with one of these and ends with the other. */
int with_module(void **state);  /* loaded, not initialized, in a folder of its own */
int with_library(void **state); /* initialized as well */
int with_secrets(void **state); /* and with the secrets of `seeded` */
int without_module(void **state);

/* The function list of 3.0. */
struct functions_3_0 *functions_3_0(void);

/* A number of rounds of a test that takes long, as a part of itself on a port where calls are slow
 * (CMakeLists.txt). */
#ifndef SLOWNESS
#define SLOWNESS 1
#endif
#define ROUNDS_OF(count) ((count) / SLOWNESS)

/* The secrets that with_secrets puts in, each with the value "value of KEY". */
#define SEEDED 4
extern const char *const seeded[SEEDED];

/* A file's cases. */
struct chapter {
    const char *name;
    const struct CMUnitTest *tests;
    size_t count;
};
#define CHAPTER(name, tests)                                                                       \
    {                                                                                              \
        name, tests, sizeof(tests) / sizeof((tests)[0])                                            \
    }

extern const struct chapter general_chapter, arguments_chapter, interface_chapter,
    unsupported_chapter, slot_chapter, session_chapter, login_chapter, attribute_chapter,
    find_chapter, vendor_chapter, object_chapter, change_chapter, session_object_chapter,
    protected_chapter, digest_chapter, random_chapter, process_chapter, thread_chapter,
    model_chapter, memory_chapter, key_chapter, release_chapter, length_chapter, contention_chapter,
    template_chapter, typed_key_chapter, pair_chapter, pair_sign_chapter, pair_decrypt_chapter,
    derive_chapter, wrap_chapter, profile_chapter, probe_chapter, public_key_chapter, audit_chapter,
    history_chapter, generate_pair_chapter, create_private_chapter, confirm_chapter,
    audit_target_chapter, create_certificate_chapter, encrypt_chapter, aes_key_chapter,
    pair_fault_chapter;

#define bare(test) cmocka_unit_test_setup_teardown(test, with_module, without_module)
#define open_library(test) cmocka_unit_test_setup_teardown(test, with_library, without_module)
#define with_seed(test) cmocka_unit_test_setup_teardown(test, with_secrets, without_module)

/* The name of a return value; static. */
const char *rv_name(CK_RV rv);

/* Fails, with both names, unless the call returns this. */
void assert_rv_at(const char *call, CK_RV rv, CK_RV expected, const char *file, int line);
#define assert_rv(call, expected) assert_rv_at(#call, (call), (expected), __FILE__, __LINE__)

/* Writes the module's configuration file, for the next C_Initialize. */
void write_configuration(const char *json);

/* Runs `act` in a child process, which has 60 s; its exit code. */
int in_child(int (*act)(void));

/* Starts this program again to do one thing on the same store: "put LABEL VALUE", …; exit code. */
int run_child(const char *const *words);
int child_main(int argc, char **argv);

/* The chapters that not every system has, ended by NULL, and what a child does for them. */
extern const struct chapter *const system_chapters[];
int system_child(int argc, char **argv);

/* A file that takes nothing, NULL if the system has none; and how the audit tells this program and
 * its token. */
extern const char *const system_full_file;
extern const char system_audit_program[];
int memory_child(int argc, char **argv); /* "memory …": see memory.c */

/* Sessions on slot 1. */
CK_SESSION_HANDLE open_ro(void);
CK_SESSION_HANDLE open_rw(void);

/* Template entries: of a text literal, of a variable. */
#define TEXT(type, text)                                                                           \
    {                                                                                              \
        (type), (void *)(uintptr_t)("" text), sizeof(text) - 1                                     \
    }
#define STRING(type, text)                                                                         \
    {                                                                                              \
        (type), (void *)(uintptr_t)(text), strlen(text)                                            \
    }
#define VARIABLE(type, variable)                                                                   \
    {                                                                                              \
        (type), &(variable), sizeof(variable)                                                      \
    }
#define COUNT(template) (sizeof(template) / sizeof((template)[0]))

extern CK_BBOOL yes, no;
extern CK_OBJECT_CLASS class_data;

/* Creates a secret in the token, or replaces it. */
CK_OBJECT_HANDLE create_secret(CK_SESSION_HANDLE session, const char *label, const char *value);
CK_RV try_create(CK_SESSION_HANDLE session, const char *label, const void *value, CK_ULONG len,
                 CK_OBJECT_HANDLE *object);

/* A whole search; fills at most `room` handles and gives how many there are. */
CK_ULONG find(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG count,
              CK_OBJECT_HANDLE *objects, CK_ULONG room);
/* The one data object with this label; 0 if there is none. */
CK_OBJECT_HANDLE find_label(CK_SESSION_HANDLE session, const char *label);

/* An attribute as text, NUL-terminated, in one of a few static buffers; its length in `len` (may be
 * NULL). Fails if the object does not have it. */
const char *get_text(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type,
                     CK_ULONG *len);
CK_BBOOL get_bool(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type);
void expect_secret(CK_SESSION_HANDLE session, const char *label, const char *value);

/* True if blank padding is all that follows the text in a field of the standard's info structures.
 */
void assert_padded(const unsigned char *field, size_t size, const char *text);

/* The slot description begins with the name of the backend. */
void assert_backend(const CK_SLOT_INFO *info, const char *name);

#endif
