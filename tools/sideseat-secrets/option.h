/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_OPTION_H
#define TOOLS_SIDESEAT_SECRETS_OPTION_H

#include "tools/sideseat-secrets/request.h"

/* True if the option was given. */
bool option_given(const struct request *request, int key);

/* The argument of the last one given; NULL if there is none. */
const char *option_text(const struct request *request, int key);

#endif
