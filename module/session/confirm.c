/* SPDX-License-Identifier: Apache-2.0 */
#include "module/session/confirm.h"

#include "module/pair.h"
#include "module/session/use.h"
#include "module/token.h"

/* The operation that waits and began last, the session being locked; NULL if there is none. */
static struct operation *waiting(struct session *session)
{
    struct operation *const operations[] = {&session->sign, &session->encrypt, &session->decrypt};
    struct operation *last = NULL;

    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++)
        if (operation_is_active(operations[i]) && operations[i]->unconfirmed &&
            (last == NULL || operations[i]->begun > last->begun))
            last = operations[i];
    return last;
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
    uint64_t begun = 0;
    CK_RV rv;

    if (!session_lock(caller))
        return CKR_SESSION_HANDLE_INVALID;
    operation = waiting(caller->session);
    if (operation != NULL) {
        store_secret_share(&value, value_of(operation));
        use = operation->use;
        begun = operation->begun;
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
    /* another thread may have begun another one meanwhile */
    operation = waiting(caller->session);
    if (operation == NULL || operation->begun != begun)
        rv = CKR_OPERATION_NOT_INITIALIZED;
    if (rv == CKR_OK) {
        operation->unconfirmed = false;
        store_secret_wipe(&operation->unconfirmed_value); /* not needed any more */
    }
    session_unlock(caller);
    return rv;
}
