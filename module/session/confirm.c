/* SPDX-License-Identifier: Apache-2.0 */
#include "module/session/confirm.h"

#include "module/pair.h"
#include "module/session/use.h"
#include "module/token.h"

/* The operation that waits, the session being locked; NULL if there is none. */
static struct operation *waiting(struct session *session)
{
    if (operation_is_active(&session->sign) && session->sign.unconfirmed)
        return &session->sign;
    if (operation_is_active(&session->encrypt) && session->encrypt.unconfirmed)
        return &session->encrypt;
    if (operation_is_active(&session->decrypt) && session->decrypt.unconfirmed)
        return &session->decrypt;
    return NULL;
}

/* The value of the key that it waits with. */
static const struct store_secret *value_of(const struct operation *operation)
{
    return operation->encryption != NULL ? &operation->unconfirmed_value
                                         : &operation->signature.value;
}

bool session_awaits_confirmation(const struct caller *caller)
{
    bool waits;

    if (!session_lock(caller))
        return false;
    waits = waiting(caller->session) != NULL;
    session_unlock(caller);
    return waits;
}

CK_RV session_confirm(const struct caller *caller, const struct store_secret *pin)
{
    AUTO_SECRET value = {0};
    struct operation_use use = {0};
    struct operation *operation;
    CK_RV rv;

    if (!session_lock(caller))
        return CKR_SESSION_HANDLE_INVALID;
    operation = waiting(caller->session);
    if (operation != NULL) {
        store_secret_share(&value, value_of(operation));
        use = operation->use;
    }
    session_unlock(caller);
    if (operation == NULL)
        return CKR_OPERATION_NOT_INITIALIZED;
    rv = pair_check_pin(caller->token, &value, pin);
    if (rv != CKR_OK) {
        use_login_failed(caller, &use, rv);
        return rv;
    }
    if (!session_lock(caller))
        return CKR_SESSION_HANDLE_INVALID;
    /* another thread may have begun one with another key meanwhile */
    operation = waiting(caller->session);
    if (operation == NULL || !store_secret_equal(value_of(operation), value.data, value.len))
        rv = CKR_OPERATION_NOT_INITIALIZED;
    if (rv == CKR_OK) {
        operation->unconfirmed = false;
        store_secret_wipe(&operation->unconfirmed_value); /* not needed any more */
    }
    session_unlock(caller);
    return rv;
}
