/* SPDX-License-Identifier: Apache-2.0 */
#include "module/ckr.h"

#include <stddef.h>

/*
 * One row per error, one column per call. Absent, locked, unauthenticated, denied, damaged,
 * misconfigured and unreachable are seven different answers, each the same in every call. Where the
 * standard has no code that says exactly this, the code is ours, and no client mistakes it for
 * success. CKR_USER_NOT_LOGGED_IN makes clients log in, so it is only for a store that a login
 * unlocks.
 */
struct row {
    enum store_err err;
    CK_RV find, get, create, set, destroy, login, use;
};

#define SAME(rv) rv, rv, rv, rv, rv, rv, rv

static const struct row rows[] = {
    {STORE_OK, SAME(CKR_OK)},
    {STORE_NOT_FOUND, CKR_DEVICE_ERROR, CKR_OBJECT_HANDLE_INVALID, CKR_DEVICE_ERROR,
     CKR_OBJECT_HANDLE_INVALID, CKR_OBJECT_HANDLE_INVALID, CKR_DEVICE_ERROR,
     CKR_KEY_HANDLE_INVALID},
    {STORE_CONFLICT, SAME(CKR_SIDESEAT_CONFLICT)},
    {STORE_LOCKED, SAME(CKR_USER_NOT_LOGGED_IN)},
    {STORE_DENIED, CKR_SIDESEAT_DENIED, CKR_SIDESEAT_DENIED, CKR_SIDESEAT_DENIED,
     CKR_SIDESEAT_DENIED, CKR_SIDESEAT_DENIED, CKR_PIN_INCORRECT, CKR_SIDESEAT_DENIED},
    {STORE_AUTH, SAME(CKR_SIDESEAT_UNAUTHENTICATED)},
    {STORE_UNAVAILABLE, SAME(CKR_DEVICE_ERROR)},
    {STORE_TIMEOUT, SAME(CKR_DEVICE_ERROR)},
    {STORE_CANCELED, SAME(CKR_FUNCTION_CANCELED)},
    {STORE_READ_ONLY, SAME(CKR_TOKEN_WRITE_PROTECTED)},
    {STORE_TOO_BIG, SAME(CKR_DEVICE_MEMORY)},
    {STORE_FULL, SAME(CKR_DEVICE_MEMORY)},
    {STORE_CORRUPT, SAME(CKR_SIDESEAT_DAMAGED)},
    {STORE_BAD_KEY, CKR_ATTRIBUTE_VALUE_INVALID, CKR_FUNCTION_FAILED, CKR_ATTRIBUTE_VALUE_INVALID,
     CKR_ATTRIBUTE_VALUE_INVALID, CKR_FUNCTION_FAILED, CKR_FUNCTION_FAILED, CKR_FUNCTION_FAILED},
    {STORE_BAD_VALUE, CKR_ATTRIBUTE_VALUE_INVALID, CKR_FUNCTION_FAILED, CKR_ATTRIBUTE_VALUE_INVALID,
     CKR_ATTRIBUTE_VALUE_INVALID, CKR_FUNCTION_FAILED, CKR_FUNCTION_FAILED, CKR_FUNCTION_FAILED},
    {STORE_BAD_CONF, SAME(CKR_SIDESEAT_MISCONFIGURED)},
    {STORE_UNSUPPORTED, SAME(CKR_FUNCTION_FAILED)},
    {STORE_NO_MEMORY, SAME(CKR_HOST_MEMORY)},
    {STORE_FAILED, SAME(CKR_DEVICE_ERROR)},
    {STORE_NO_VALUE, SAME(CKR_SIDESEAT_NO_VALUE)},
};

CK_RV ckr_from_store(enum ckr_call call, enum store_err err)
{
    const struct row *row = NULL;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].err == err)
            row = &rows[i];
    if (row == NULL)
        return CKR_GENERAL_ERROR;
    switch (call) {
    case CKR_CALL_FIND:
        return row->find;
    case CKR_CALL_GET:
        return row->get;
    case CKR_CALL_CREATE:
        return row->create;
    case CKR_CALL_SET:
        return row->set;
    case CKR_CALL_DESTROY:
        return row->destroy;
    case CKR_CALL_LOGIN:
        return row->login;
    case CKR_CALL_USE:
        return row->use;
    }
    return CKR_GENERAL_ERROR;
}

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
    NAME(CKR_CURVE_NOT_SUPPORTED),
    NAME(CKR_DATA_INVALID),
    NAME(CKR_DATA_LEN_RANGE),
    NAME(CKR_DEVICE_ERROR),
    NAME(CKR_DEVICE_MEMORY),
    NAME(CKR_ENCRYPTED_DATA_INVALID),
    NAME(CKR_ENCRYPTED_DATA_LEN_RANGE),
    NAME(CKR_FUNCTION_CANCELED),
    NAME(CKR_FUNCTION_NOT_PARALLEL),
    NAME(CKR_FUNCTION_NOT_SUPPORTED),
    NAME(CKR_KEY_HANDLE_INVALID),
    NAME(CKR_KEY_SIZE_RANGE),
    NAME(CKR_KEY_TYPE_INCONSISTENT),
    NAME(CKR_KEY_FUNCTION_NOT_PERMITTED),
    NAME(CKR_KEY_NOT_WRAPPABLE),
    NAME(CKR_KEY_UNEXTRACTABLE),
    NAME(CKR_UNWRAPPING_KEY_HANDLE_INVALID),
    NAME(CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT),
    NAME(CKR_WRAPPED_KEY_INVALID),
    NAME(CKR_WRAPPED_KEY_LEN_RANGE),
    NAME(CKR_WRAPPING_KEY_HANDLE_INVALID),
    NAME(CKR_WRAPPING_KEY_TYPE_INCONSISTENT),
    NAME(CKR_MECHANISM_INVALID),
    NAME(CKR_MECHANISM_PARAM_INVALID),
    NAME(CKR_OBJECT_HANDLE_INVALID),
    NAME(CKR_OPERATION_ACTIVE),
    NAME(CKR_OPERATION_NOT_INITIALIZED),
    NAME(CKR_OPERATION_CANCEL_FAILED),
    NAME(CKR_PIN_INCORRECT),
    NAME(CKR_SESSION_COUNT),
    NAME(CKR_SESSION_HANDLE_INVALID),
    NAME(CKR_SESSION_PARALLEL_NOT_SUPPORTED),
    NAME(CKR_SESSION_READ_ONLY),
    NAME(CKR_SIGNATURE_INVALID),
    NAME(CKR_SIGNATURE_LEN_RANGE),
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
    NAME(CKR_SIDESEAT_NO_VALUE),
    NAME(CKR_SIDESEAT_DENIED),
    NAME(CKR_SIDESEAT_UNAUTHENTICATED),
    NAME(CKR_SIDESEAT_DAMAGED),
    NAME(CKR_SIDESEAT_MISCONFIGURED),
};
#undef NAME

const char *ckr_name(CK_RV rv)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].rv == rv)
            return names[i].name;
    return "CKR_?";
}
