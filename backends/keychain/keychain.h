/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYCHAIN_H
#define KEYCHAIN_H

#include "store/backend.h"

/* The login keychain of macOS (docs/keychain.md): generic passwords of the service "sideseat". */
extern const struct store_backend keychain_backend;

#endif
