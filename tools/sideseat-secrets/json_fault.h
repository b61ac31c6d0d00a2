/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_JSON_FAULT_H
#define TOOLS_SIDESEAT_SECRETS_JSON_FAULT_H

#include <jansson.h>

/* What is wrong with a text, without the part of it that jansson shows, which may be of a value.
 * Changes `error`, in which the result lives. */
const char *json_fault(json_error_t *error);

#endif
