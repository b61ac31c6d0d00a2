/* SPDX-License-Identifier: Apache-2.0 */
#include "module/entry/entry.h"
#include "module/session/confirm.h"
#include "module/session/find.h"
#include "module/session/operate.h"

CK_RV C_OpenSession(CK_SLOT_ID slot, CK_FLAGS flags, void *application, CK_NOTIFY notify,
                    CK_SESSION_HANDLE *session)
{
    struct token *token;
    ENTER(lib);

    (void)application; /* this module has no notifications */
    (void)notify;
    if (session == NULL)
        LEAVE(CKR_ARGUMENTS_BAD);
    token = lib_token(lib, slot);
    if (token == NULL)
        LEAVE(CKR_SLOT_ID_INVALID);
    if ((flags & CKF_SERIAL_SESSION) == 0)
        LEAVE(CKR_SESSION_PARALLEL_NOT_SUPPORTED);
    LEAVE(session_open(&lib->sessions, token, (flags & CKF_RW_SESSION) != 0, session));
}

CK_RV C_CloseSession(CK_SESSION_HANDLE session)
{
    ENTER_SESSION(lib, caller, session);

    LEAVE(session_close(&lib->sessions, &caller));
}

CK_RV C_CloseAllSessions(CK_SLOT_ID slot)
{
    struct token *token;
    ENTER(lib);

    token = lib_token(lib, slot);
    if (token == NULL)
        LEAVE(CKR_SLOT_ID_INVALID);
    session_close_all(&lib->sessions, token);
    LEAVE(CKR_OK);
}

CK_RV C_GetSessionInfo(CK_SESSION_HANDLE session, CK_SESSION_INFO *info)
{
    ENTER_SESSION(lib, caller, session);

    if (info == NULL)
        LEAVE(CKR_ARGUMENTS_BAD);
    info->slotID = caller.token->slot;
    if (token_user(caller.token))
        info->state = caller.writable ? CKS_RW_USER_FUNCTIONS : CKS_RO_USER_FUNCTIONS;
    else
        info->state = caller.writable ? CKS_RW_PUBLIC_SESSION : CKS_RO_PUBLIC_SESSION;
    info->flags = CKF_SERIAL_SESSION | (caller.writable ? CKF_RW_SESSION : 0);
    info->ulDeviceError = 0;
    LEAVE(CKR_OK);
}

/* Checks that the state and the arguments allow the user to log in. */
static CK_RV check_login(const struct caller *caller, CK_USER_TYPE user, const CK_BYTE *pin,
                         CK_ULONG pin_len)
{
    if (user == CKU_SO)
        return token_refuse_officer(caller->token);
    if (user == CKU_CONTEXT_SPECIFIC && !session_awaits_confirmation(caller))
        return CKR_OPERATION_NOT_INITIALIZED;
    if (user != CKU_USER && user != CKU_CONTEXT_SPECIFIC)
        return CKR_USER_TYPE_INVALID;
    if (pin == NULL && pin_len > 0)
        return CKR_ARGUMENTS_BAD;
    if (pin_len > TOKEN_PIN_MAX)
        return CKR_PIN_LEN_RANGE;
    return user == CKU_USER && token_logged_in(caller->token) ? CKR_USER_ALREADY_LOGGED_IN : CKR_OK;
}

static CK_RV login(const struct caller *caller, CK_USER_TYPE user, const CK_BYTE *pin,
                   CK_ULONG pin_len)
{
    AUTO_SECRET secret = {0};
    CK_RV rv = check_login(caller, user, pin, pin_len);

    if (rv == CKR_OK && store_secret_set(&secret, pin, pin_len) != STORE_OK)
        rv = CKR_HOST_MEMORY;
    if (rv != CKR_OK)
        return rv;
    return user == CKU_CONTEXT_SPECIFIC ? session_confirm(caller, &secret)
                                        : token_login(caller->token, &secret);
}

CK_RV C_Login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_BYTE *pin, CK_ULONG pin_len)
{
    ENTER_SESSION(lib, caller, session);

    LEAVE(login(&caller, user, pin, pin_len));
}

/* 3.0, 5.6.9: a token has one user, who has no name. */
CK_RV C_LoginUser(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR_PTR pin,
                  CK_ULONG pin_len, CK_UTF8CHAR_PTR name, CK_ULONG name_len)
{
    CK_RV rv;
    ENTER_SESSION(lib, caller, session);

    if (name_len == 0)
        LEAVE(login(&caller, user, pin, pin_len));
    rv = check_login(&caller, user, pin, pin_len);
    if (rv == CKR_OK)
        rv = name == NULL ? CKR_ARGUMENTS_BAD : CKR_FUNCTION_NOT_SUPPORTED;
    LEAVE(rv);
}

CK_RV C_Logout(CK_SESSION_HANDLE session)
{
    ENTER_SESSION(lib, caller, session);

    LEAVE(session_logout(&lib->sessions, caller.token));
}

/* The operations that C_SessionCancel ends by a flag; a search is another one. */
static const struct {
    CK_FLAGS flag;
    enum operation_kind kind;
} cancels[] = {
    {CKF_DIGEST, OPERATION_DIGEST},   {CKF_SIGN, OPERATION_SIGN},
    {CKF_VERIFY, OPERATION_VERIFY},   {CKF_ENCRYPT, OPERATION_ENCRYPT},
    {CKF_DECRYPT, OPERATION_DECRYPT},
};

CK_RV C_SessionCancel(CK_SESSION_HANDLE session, CK_FLAGS flags)
{
    CK_RV rv = CKR_OK;
    ENTER_SESSION(lib, caller, session);

    if ((flags & CKF_FIND_OBJECTS) != 0)
        (void)find_finish(&caller); /* CKR_OPERATION_NOT_INITIALIZED: none */
    for (size_t i = 0; rv == CKR_OK && i < sizeof cancels / sizeof cancels[0]; i++)
        if ((flags & cancels[i].flag) != 0)
            rv = operate_cancel(&caller, cancels[i].kind);
    LEAVE(rv);
}

/* The remains of the parallel functions of version 1.0 (5.20). */
CK_RV C_GetFunctionStatus(CK_SESSION_HANDLE session)
{
    ENTER_SESSION(lib, caller, session);

    LEAVE(CKR_FUNCTION_NOT_PARALLEL);
}

CK_RV C_CancelFunction(CK_SESSION_HANDLE session)
{
    ENTER_SESSION(lib, caller, session);

    LEAVE(CKR_FUNCTION_NOT_PARALLEL);
}
