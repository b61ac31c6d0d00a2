/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_KEYUTILS_KEYUTILS_H
#define BACKENDS_KEYUTILS_KEYUTILS_H

#include "store/backend.h"

/*
 * The kernel's keyrings (keyrings(7)). A secret is a key of type "user" with the description
 * "sideseat:{key}" in a keyring of our own. The user keyring and, if the kernel has it, the user's
 * persistent keyring link to it, so every process of the user finds it until the machine reboots.
 * The owner has all rights to both, and others have none.
 */
extern const struct store_backend keyutils_backend;

#endif
