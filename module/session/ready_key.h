/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_SESSION_READY_KEY_H
#define MODULE_SESSION_READY_KEY_H

#include "module/object/object_view.h"
#include "module/pki/keypair.h"

/* The key of an object, made ready to sign, decrypt, derive or wrap. */

/* The parts of a key that its use needs, for object_view_load. */
enum object_need ready_key_need(const struct object_view *view);

/* Makes a private or public key ready; the caller frees it. It takes no lock, since the passphrase
 * may come from the store. CKR_FUNCTION_FAILED and CKR_HOST_MEMORY. */
CK_RV ready_key_new(const struct object_view *view, struct keypair **out);

/* Gives the bytes of an AES key. CKR_KEY_SIZE_RANGE and CKR_SIDESEAT_DAMAGED, with a line in the
 * log, if a secret of the token holds none. */
CK_RV ready_key_aes(const struct object_view *view, struct store_secret *out);

/* Checks that a secret key is for AES, may do the work of the flag, and with this mechanism.
 * CKR_KEY_FUNCTION_NOT_PERMITTED, CKR_MECHANISM_INVALID, and `wrong_type`. */
CK_RV ready_key_check_aes(const struct object_view *view, enum object_flag flag,
                          CK_MECHANISM_TYPE mechanism, CK_RV wrong_type);

/* True if each use of the key needs a login of its own. */
bool ready_key_asks_for_login(const struct object_view *view);

#endif
