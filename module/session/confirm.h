/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_SESSION_CONFIRM_H
#define MODULE_SESSION_CONFIRM_H

#include "module/session/session.h"

/* True if an operation of the session waits for a login. */
bool session_awaits_confirmation(const struct caller *caller);

/* C_Login with CKU_CONTEXT_SPECIFIC (5.6.8): permits the session's operation with a key of
 * CKA_ALWAYS_AUTHENTICATE, once. The PIN is the passphrase of an encrypted key, else that of the
 * store. CKR_OPERATION_NOT_INITIALIZED if no operation waits for it; after CKR_PIN_INCORRECT the
 * operation waits on. */
CK_RV session_confirm(const struct caller *caller, const struct store_secret *pin);

#endif
