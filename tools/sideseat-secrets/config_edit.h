/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_CONFIG_EDIT_H
#define TOOLS_SIDESEAT_SECRETS_CONFIG_EDIT_H

#include "store/secret.h"
#include "tools/sideseat-secrets/outcome.h"

/* Sets the member at `path`, such as secrets.vault.address, in the JSON text `from` of `file`;
 * objects on the way are made. `value` is JSON, else a text. All else stays as it is, byte for
 * byte. Prints the problem. */
enum outcome config_edit(const char *file, const struct store_secret *from, const char *path,
                         const char *value, struct store_secret *out) STORE_CHECKED;

#endif
