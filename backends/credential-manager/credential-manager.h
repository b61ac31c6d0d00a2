/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_CREDENTIAL_MANAGER_CREDENTIAL_MANAGER_H
#define BACKENDS_CREDENTIAL_MANAGER_CREDENTIAL_MANAGER_H

#include "store/backend.h"

/* The Credential Manager of Windows (docs/credential-manager.md): one generic credential for each
 * secret, and more for a long value. */
extern const struct store_backend credential_manager_backend;

#endif
