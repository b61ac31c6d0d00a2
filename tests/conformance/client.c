/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/conformance.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

/* The steps of every client: sessions, searches, attributes. */

CK_BBOOL yes = CK_TRUE;
CK_BBOOL no = CK_FALSE;
CK_OBJECT_CLASS class_data = CKO_DATA;

const char *rv_name(CK_RV rv)
{
#define NAME(code)                                                                                 \
    {                                                                                              \
        code, #code                                                                                \
    }
    static const struct {
        CK_RV rv;
        const char *name;
    } names[] = {
        NAME(CKR_OK),
        NAME(CKR_HOST_MEMORY),
        NAME(CKR_SLOT_ID_INVALID),
        NAME(CKR_GENERAL_ERROR),
        NAME(CKR_FUNCTION_FAILED),
        NAME(CKR_ARGUMENTS_BAD),
        NAME(CKR_NO_EVENT),
        NAME(CKR_CANT_LOCK),
        NAME(CKR_ATTRIBUTE_READ_ONLY),
        NAME(CKR_ATTRIBUTE_SENSITIVE),
        NAME(CKR_ATTRIBUTE_TYPE_INVALID),
        NAME(CKR_ATTRIBUTE_VALUE_INVALID),
        NAME(CKR_ACTION_PROHIBITED),
        NAME(CKR_DEVICE_ERROR),
        NAME(CKR_DEVICE_MEMORY),
        NAME(CKR_FUNCTION_NOT_PARALLEL),
        NAME(CKR_FUNCTION_NOT_SUPPORTED),
        NAME(CKR_MECHANISM_INVALID),
        NAME(CKR_MECHANISM_PARAM_INVALID),
        NAME(CKR_OBJECT_HANDLE_INVALID),
        NAME(CKR_OPERATION_ACTIVE),
        NAME(CKR_OPERATION_NOT_INITIALIZED),
        NAME(CKR_PIN_INCORRECT),
        NAME(CKR_SESSION_HANDLE_INVALID),
        NAME(CKR_SESSION_PARALLEL_NOT_SUPPORTED),
        NAME(CKR_SESSION_READ_ONLY),
        NAME(CKR_TEMPLATE_INCOMPLETE),
        NAME(CKR_TEMPLATE_INCONSISTENT),
        NAME(CKR_TOKEN_WRITE_PROTECTED),
        NAME(CKR_USER_ALREADY_LOGGED_IN),
        NAME(CKR_USER_NOT_LOGGED_IN),
        NAME(CKR_USER_TYPE_INVALID),
        NAME(CKR_RANDOM_SEED_NOT_SUPPORTED),
        NAME(CKR_BUFFER_TOO_SMALL),
        NAME(CKR_CRYPTOKI_NOT_INITIALIZED),
        NAME(CKR_CRYPTOKI_ALREADY_INITIALIZED),
        NAME(CKR_SIDESEAT_CONFLICT),
    };
#undef NAME
    static char number[24];

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].rv == rv)
            return names[i].name;
    snprintf(number, sizeof number, "0x%lx", rv);
    return number;
}

void assert_rv_at(const char *call, CK_RV rv, CK_RV expected, const char *file, int line)
{
    if (rv == expected)
        return;
    print_error("%s\n    returned %s", call, rv_name(rv));
    print_error(" and not %s\n", rv_name(expected));
    _fail(file, line);
}

struct functions_3_0 *functions_3_0(void)
{
    CK_RV (*get_interface)(unsigned char *, CK_VERSION *, CK_INTERFACE **, CK_FLAGS);
    CK_VERSION version = {3, 0};
    CK_INTERFACE *found = NULL;

    *(void **)&get_interface = dlsym(suite.handle, "C_GetInterface");
    assert_non_null(get_interface);
    assert_rv(get_interface(NULL, &version, &found, 0), CKR_OK);
    return found->pFunctionList;
}

static CK_SESSION_HANDLE open_session(CK_FLAGS flags)
{
    CK_SESSION_HANDLE session = 0;

    assert_rv(p11->C_OpenSession(1, CKF_SERIAL_SESSION | flags, NULL, NULL, &session), CKR_OK);
    assert_true(session != 0);
    return session;
}

CK_SESSION_HANDLE open_ro(void)
{
    return open_session(0);
}

CK_SESSION_HANDLE open_rw(void)
{
    return open_session(CKF_RW_SESSION);
}

CK_RV try_create(CK_SESSION_HANDLE session, const char *label, const void *value, CK_ULONG len,
                 CK_OBJECT_HANDLE *object)
{
    CK_ATTRIBUTE template[] = {
        VARIABLE(CKA_CLASS, class_data),
        VARIABLE(CKA_TOKEN, yes),
        STRING(CKA_LABEL, label),
        {CKA_VALUE, (void *)(uintptr_t)value, len},
    };

    return p11->C_CreateObject(session, template, COUNT(template), object);
}

CK_OBJECT_HANDLE create_secret(CK_SESSION_HANDLE session, const char *label, const char *value)
{
    CK_OBJECT_HANDLE object = 0;

    assert_rv(try_create(session, label, value, strlen(value), &object), CKR_OK);
    assert_true(object != 0);
    return object;
}

CK_ULONG find(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG count,
              CK_OBJECT_HANDLE *objects, CK_ULONG room)
{
    CK_OBJECT_HANDLE some[5];
    CK_ULONG found = 0;
    CK_ULONG n;

    assert_rv(p11->C_FindObjectsInit(session, template, count), CKR_OK);
    do {
        assert_rv(p11->C_FindObjects(session, some, COUNT(some), &n), CKR_OK);
        assert_true(n <= COUNT(some));
        for (CK_ULONG i = 0; i < n; i++, found++)
            if (found < room)
                objects[found] = some[i];
    } while (n > 0);
    assert_rv(p11->C_FindObjectsFinal(session), CKR_OK);
    return found;
}

CK_OBJECT_HANDLE find_label(CK_SESSION_HANDLE session, const char *label)
{
    CK_ATTRIBUTE template[] = {
        VARIABLE(CKA_CLASS, class_data),
        STRING(CKA_LABEL, label),
    };
    CK_OBJECT_HANDLE object = 0;
    CK_ULONG count = find(session, template, COUNT(template), &object, 1);

    assert_true(count <= 1);
    return object;
}

const char *get_text(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type,
                     CK_ULONG *len)
{
    static char buffers[8][4096];
    static unsigned next;
    char *buffer = buffers[next++ % 8];
    CK_ATTRIBUTE attribute = {type, NULL, 0};

    assert_rv(p11->C_GetAttributeValue(session, object, &attribute, 1), CKR_OK);
    assert_true(attribute.ulValueLen < sizeof buffers[0]);
    attribute.pValue = buffer;
    assert_rv(p11->C_GetAttributeValue(session, object, &attribute, 1), CKR_OK);
    buffer[attribute.ulValueLen] = '\0';
    if (len != NULL)
        *len = attribute.ulValueLen;
    return buffer;
}

CK_BBOOL get_bool(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type)
{
    CK_BBOOL value = 77;
    CK_ATTRIBUTE attribute = VARIABLE(type, value);

    assert_rv(p11->C_GetAttributeValue(session, object, &attribute, 1), CKR_OK);
    assert_int_equal(attribute.ulValueLen, sizeof value);
    assert_true(value == CK_TRUE || value == CK_FALSE);
    return value;
}

void expect_secret(CK_SESSION_HANDLE session, const char *label, const char *value)
{
    CK_OBJECT_HANDLE object = find_label(session, label);

    if (value == NULL) {
        assert_int_equal(object, 0);
        return;
    }
    assert_int_not_equal(object, 0);
    assert_string_equal(get_text(session, object, CKA_VALUE, NULL), value);
}

void assert_padded(const unsigned char *field, size_t size, const char *text)
{
    size_t len = strlen(text);

    assert_memory_equal(field, text, len);
    for (size_t i = len; i < size; i++)
        assert_int_equal(field[i], ' ');
}

void assert_backend(const CK_SLOT_INFO *info, const char *name)
{
    size_t len = strlen(name);

    assert_memory_equal(info->slotDescription, name, len);
    assert_int_equal(info->slotDescription[len], ':');
}

/* put LABEL VALUE, get LABEL VALUE, remove LABEL: on the store of the process that starts it. */
static int child_act(int argc, char **argv)
{
    CK_SESSION_HANDLE session;
    CK_OBJECT_HANDLE object;

    if (p11->C_Initialize(NULL) != CKR_OK)
        return 2;
    session = suite.writable ? open_rw() : open_ro();
    object = find_label(session, argv[1]);
    if (strcmp(argv[0], "put") == 0 && argc == 3)
        return try_create(session, argv[1], argv[2], strlen(argv[2]), &object) == CKR_OK ? 0 : 3;
    if (strcmp(argv[0], "get") == 0 && argc == 3)
        return object != 0 && strcmp(get_text(session, object, CKA_VALUE, NULL), argv[2]) == 0 ? 0
                                                                                               : 4;
    if (strcmp(argv[0], "remove") == 0)
        return p11->C_DestroyObject(session, object) == CKR_OK ? 0 : 5;
    return 64;
}

int child_main(int argc, char **argv)
{
    CK_RV (*get_list)(CK_FUNCTION_LIST **);

    suite.handle = dlopen(suite.module, RTLD_NOW | RTLD_LOCAL);
    if (suite.handle == NULL || argc < 1)
        return 64;
    *(void **)&get_list = dlsym(suite.handle, "C_GetFunctionList");
    if (get_list == NULL || get_list(&suite.functions) != CKR_OK)
        return 64;
    if (strcmp(argv[0], "memory") == 0)
        return system_child(argc, argv);
    return argc < 2 ? 64 : child_act(argc, argv);
}
