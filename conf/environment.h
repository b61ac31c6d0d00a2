/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONF_ENVIRONMENT_H
#define CONF_ENVIRONMENT_H

#include "conf/conf.h"

/* The environment's value for a setting, or NULL. Reads a variable only if a token needs it, as
 * VAULT_… and AWS_… belong to other programs, too. An empty variable counts as unset. */
const struct conf_value *environment_get(struct conf_reader *reader, const struct setting *setting);

/* True if SIDESEAT_PKCS11_ARGUMENTS forbids arguments of C_Initialize, which are another user's
 * where a server passes them on. Any value but "allow" does, so that a misspelt one is safe. */
bool environment_forbids_arguments(void);

#endif
