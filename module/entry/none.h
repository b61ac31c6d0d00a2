/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_ENTRY_NONE_H
#define MODULE_ENTRY_NONE_H

#include "module/cryptoki.h"

/* Stand-ins for the message-based functions of 3.0, one per signature. Like every function
 * outside this module's subset they answer CKR_CRYPTOKI_NOT_INITIALIZED or
 * CKR_FUNCTION_NOT_SUPPORTED. */
cryptoki_message_init none_message_init;
cryptoki_message_crypt none_message_crypt;
cryptoki_message_begin none_message_begin;
cryptoki_message_next none_message_next;
cryptoki_message_final none_message_final;
cryptoki_message_sign none_message_sign;
cryptoki_message_sign_begin none_message_sign_begin;
cryptoki_message_verify none_message_verify;

#endif
