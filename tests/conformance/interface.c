/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/conformance.h"

#include <dlfcn.h>
#include <string.h>

/* 5.4.4 to 5.4.6: how a client gets at the functions. All of it works before C_Initialize. */

typedef CK_RV get_list_fn(CK_FUNCTION_LIST **);
typedef CK_RV get_interface_list_fn(CK_INTERFACE *, CK_ULONG *);
typedef CK_RV get_interface_fn(unsigned char *, CK_VERSION *, CK_INTERFACE **, CK_FLAGS);

static unsigned char standard_name[] = "PKCS 11";

static void *symbol(const char *name)
{
    return dlsym(suite.handle, name);
}

static get_interface_fn *get_interface(void)
{
    get_interface_fn *function;

    *(void **)&function = symbol("C_GetInterface");
    assert_non_null(function);
    return function;
}

/* True if every function pointer of a list is there: `size` bytes from its first one. */
static void assert_complete(const void *list, size_t size)
{
    const unsigned char *at =
        (const unsigned char *)list + offsetof(CK_FUNCTION_LIST, C_Initialize);
    const unsigned char *end = (const unsigned char *)list + size;
    void *function;

    for (; at < end; at += sizeof function) {
        memcpy(&function, at, sizeof function);
        assert_non_null(function);
    }
}

/* 5.4.4: "C_GetFunctionList … the only Cryptoki function which an application may call before
 * calling C_Initialize" besides those for interfaces; every member is set (5.1). */
static void the_function_list_is_2_40_and_whole(void **state)
{
    get_list_fn *get_list;
    CK_FUNCTION_LIST *again;

    (void)state;
    *(void **)&get_list = symbol("C_GetFunctionList");
    assert_rv(get_list(NULL), CKR_ARGUMENTS_BAD);
    assert_rv(get_list(&again), CKR_OK);
    assert_ptr_equal(again, p11);
    assert_int_equal(again->version.major, 2);
    assert_int_equal(again->version.minor, 40);
    assert_complete(again, sizeof *again);
    assert_rv(p11->C_GetFunctionList(&again), CKR_OK);
    assert_ptr_equal(again, p11);
}

static void nothing_else_is_exported(void **state)
{
    (void)state;
    assert_non_null(symbol("C_GetFunctionList"));
    assert_non_null(symbol("C_GetInterfaceList"));
    assert_non_null(symbol("C_GetInterface"));
    assert_null(symbol("C_Initialize"));
    assert_null(symbol("C_GetSlotList"));
    assert_null(symbol("store_open"));
}

/* 5.4.5: the list in two calls; with too little room its length and CKR_BUFFER_TOO_SMALL. */
static void the_interface_list_comes_in_two_calls(void **state)
{
    get_interface_list_fn *get_interface_list;
    CK_INTERFACE interfaces[8];
    CK_ULONG count = 0;
    CK_ULONG too_few = 1;
    bool found[4] = {false};

    (void)state;
    *(void **)&get_interface_list = symbol("C_GetInterfaceList");
    assert_rv(get_interface_list(NULL, NULL), CKR_ARGUMENTS_BAD);
    assert_rv(get_interface_list(NULL, &count), CKR_OK);
    assert_true(count >= 2 && count <= 8);
    assert_rv(get_interface_list(interfaces, &too_few), CKR_BUFFER_TOO_SMALL);
    assert_int_equal(too_few, count);
    assert_rv(get_interface_list(interfaces, &count), CKR_OK);
    for (CK_ULONG i = 0; i < count; i++) {
        CK_VERSION *version = interfaces[i].pFunctionList;
        assert_string_equal(interfaces[i].pInterfaceName, "PKCS 11");
        assert_true(version->major < 4);
        found[version->major] = true;
    }
    assert_true(found[2] && found[3]);
}

/* 5.4.6: "If pVersion is NULL, the latest version", a NULL name "the default interface". */
static void without_wishes_there_is_the_default_interface(void **state)
{
    CK_INTERFACE *found = NULL;
    CK_INTERFACE *named = NULL;

    (void)state;
    assert_rv(get_interface()(NULL, NULL, &found, 0), CKR_OK);
    assert_string_equal(found->pInterfaceName, "PKCS 11");
    assert_rv(get_interface()(standard_name, NULL, &named, 0), CKR_OK);
    assert_ptr_equal(named->pFunctionList, found->pFunctionList);
    assert_int_equal(((CK_VERSION *)found->pFunctionList)->major, 3);
    assert_int_equal(((CK_VERSION *)found->pFunctionList)->minor, 0);
}

static void each_version_gives_its_list(void **state)
{
    CK_VERSION versions[] = {{2, 40}, {3, 0}};
    CK_INTERFACE *found;

    (void)state;
    for (size_t i = 0; i < COUNT(versions); i++) {
        for (size_t named = 0; named < 2; named++) {
            found = NULL;
            assert_rv(get_interface()(named == 0 ? NULL : standard_name, &versions[i], &found, 0),
                      CKR_OK);
            assert_memory_equal(found->pFunctionList, &versions[i], sizeof versions[i]);
            assert_complete(found->pFunctionList,
                            i == 0 ? sizeof(CK_FUNCTION_LIST) : sizeof(struct functions_3_0));
        }
    }
    assert_rv(get_interface()(NULL, &versions[0], &found, 0), CKR_OK);
    assert_ptr_equal(found->pFunctionList, p11);
}

/* Newer clients ask for {3, 2} first and go on when it is refused (pkcs11-provider, NSS). */
static void an_unknown_interface_is_refused(void **state)
{
    CK_VERSION versions[] = {{3, 1}, {3, 2}, {2, 20}, {1, 0}, {4, 0}, {0, 0}};
    unsigned char other_name[] = "Vendor floppy";
    unsigned char begin_of_name[] = "PKCS";
    CK_INTERFACE *found = NULL;

    (void)state;
    for (size_t i = 0; i < COUNT(versions); i++)
        assert_true(get_interface()(standard_name, &versions[i], &found, 0) != CKR_OK);
    assert_true(get_interface()(other_name, NULL, &found, 0) != CKR_OK);
    assert_true(get_interface()(begin_of_name, NULL, &found, 0) != CKR_OK);
    assert_rv(get_interface()(NULL, NULL, NULL, 0), CKR_ARGUMENTS_BAD);
}

/* 5.4.6: "flags: bit flags specifying interface flags to match". The list survives a fork (the
 * child initializes again), and pkcs11-provider asks for that. */
static void flags_are_matched(void **state)
{
    CK_INTERFACE *found = NULL;

    (void)state;
    assert_rv(get_interface()(NULL, NULL, &found, CKF_INTERFACE_FORK_SAFE), CKR_OK);
    assert_true(found->flags & CKF_INTERFACE_FORK_SAFE);
    assert_true(get_interface()(NULL, NULL, &found, 0x80) != CKR_OK);
}

/* The 3.0 list holds the functions of 2.40 again, and they are the same library. */
static void both_lists_are_one_library(void **state)
{
    CK_VERSION version = {3, 0};
    struct functions_3_0 *list;
    CK_INTERFACE *found = NULL;
    CK_INFO info;

    (void)state;
    assert_rv(get_interface()(NULL, &version, &found, 0), CKR_OK);
    list = found->pFunctionList;
    assert_rv(list->v2.C_GetInfo(&info), CKR_CRYPTOKI_NOT_INITIALIZED);
    assert_rv(list->v2.C_Initialize(NULL), CKR_OK);
    assert_rv(p11->C_GetInfo(&info), CKR_OK);
    assert_rv(p11->C_Initialize(NULL), CKR_CRYPTOKI_ALREADY_INITIALIZED);
    assert_rv(p11->C_Finalize(NULL), CKR_OK);
    assert_rv(list->v2.C_GetInfo(&info), CKR_CRYPTOKI_NOT_INITIALIZED);
    assert_rv(list->C_GetInterface(NULL, &version, &found, 0), CKR_OK);
    assert_ptr_equal(found->pFunctionList, list);
}

static const struct CMUnitTest tests[] = {
    bare(the_function_list_is_2_40_and_whole),
    bare(nothing_else_is_exported),
    bare(the_interface_list_comes_in_two_calls),
    bare(without_wishes_there_is_the_default_interface),
    bare(each_version_gives_its_list),
    bare(an_unknown_interface_is_refused),
    bare(flags_are_matched),
    bare(both_lists_are_one_library),
};

const struct chapter interface_chapter = CHAPTER("interface", tests);
