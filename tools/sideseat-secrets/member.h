/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_MEMBER_H
#define TOOLS_SIDESEAT_SECRETS_MEMBER_H

#include "store/secret.h"
#include "tools/sideseat-secrets/outcome.h"

/* Replaces the value of `key`, a JSON object, by its member `field`: a text as it is, any other
 * value as JSON. NOT_FOUND, printed, if there is none. */
enum outcome member_pick(const char *key, const char *field,
                         struct store_secret *value) STORE_CHECKED;

#endif
