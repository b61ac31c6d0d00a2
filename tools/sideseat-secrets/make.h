/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_MAKE_H
#define TOOLS_SIDESEAT_SECRETS_MAKE_H

#include "tools/sideseat-secrets/object.h"

/* New secrets. Both print nothing. */

/* Stores the value in a secret (CKO_DATA). `version` is the one to replace, "0" for none; NULL
 * replaces any. CKR_SIDESEAT_CONFLICT, and nothing has changed, if it is at another. */
CK_RV make_secret(struct client *client, const char *key, const struct store_secret *value,
                  const char *version, CK_OBJECT_HANDLE *out) STORE_CHECKED;

/* Makes 32 random bytes inside the module. It refuses if there is a secret already, or if it cannot
 * tell; either way nothing has changed. */
CK_RV make_inside(struct client *client, const char *key, CK_OBJECT_HANDLE *out) STORE_CHECKED;

#endif
