/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_DATA_PROTECTION_KEYCHAIN_DATA_PROTECTION_KEYCHAIN_H
#define BACKENDS_DATA_PROTECTION_KEYCHAIN_DATA_PROTECTION_KEYCHAIN_H

#include "store/backend.h"

/* The Data Protection Keychain of macOS (docs/data-protection-keychain.md): generic passwords of
 * the service "com.sideseat.secrets". Chosen by the platform, it gives way to the login keychain if
 * this program has no entitlement. */
extern const struct store_backend data_protection_keychain_backend;

#endif
