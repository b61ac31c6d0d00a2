/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_KEYCHAIN_KEYCHAIN_H
#define BACKENDS_KEYCHAIN_KEYCHAIN_H

#include "store/backend.h"

/* The login keychain of macOS (docs/keychain.md): generic passwords of the service "sideseat". */
extern const struct store_backend keychain_backend;

#endif
