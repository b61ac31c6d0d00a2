/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONF_ENVIRONMENT_H
#define CONF_ENVIRONMENT_H

#include "conf/conf.h"

/* What the environment gives for a setting; NULL if nothing. A variable is looked at only when a
 * token has a use for it: VAULT_… and AWS_… belong to other programs, too. An empty one counts as
 * not set. */
const struct conf_value *environment_get(struct conf_reader *reader, const struct setting *setting);

#endif
