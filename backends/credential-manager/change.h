/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_CREDENTIAL_MANAGER_CHANGE_H
#define BACKENDS_CREDENTIAL_MANAGER_CHANGE_H

#include "backends/credential-manager/turn.h"

/* Writing and removing a secret, in one turn; as in struct store_backend. A process that is killed
 * in between leaves the secret as it was, or changed as a whole, and perhaps parts for a sweep. */
enum store_err change_write(const struct turn *turn, const char *key,
                            const struct store_secret *value, const char *if_version,
                            struct store_record *out) STORE_CHECKED;
enum store_err change_remove(const struct turn *turn, const char *key,
                             const char *if_version) STORE_CHECKED;

#endif
