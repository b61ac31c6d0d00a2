/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYUTILS_BACKEND_H
#define KEYUTILS_BACKEND_H

#include "store/backend.h"

/*
 * The kernel's keyrings (keyrings(7)). A secret is a key of type "user" with the description
 * "sideseat:{key}" in a keyring of our own, which is linked from the user keyring and, where the
 * kernel has them, the user's persistent keyring: every process of the user finds it until the
 * machine is rebooted. The owner may do anything with both, nobody else anything.
 */
extern const struct store_backend keyutils_backend;

#endif
