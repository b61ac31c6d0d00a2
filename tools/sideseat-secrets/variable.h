/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_VARIABLE_H
#define TOOLS_SIDESEAT_SECRETS_VARIABLE_H

#include <stdbool.h>
#include <stddef.h>

/* Names of environment variables for secrets. */

/* Writes the variable for a secret's name: openai_api_key becomes OPENAI_API_KEY, and '-', '/' and
 * '.' become '_'; a name with upper-case letters keeps its case. False if it does not fit, or the
 * result is not a shell's name (letters, digits and '_', not a digit first). */
bool variable_of_name(const char *name, char *out, size_t size);

/* Writes the name for a variable: the reverse for upper-case ones, others stay as they are. False
 * if it does not fit. */
bool variable_to_name(const char *variable, char *out, size_t size);

/* Who obeys the variable, so that its value would decide which code runs or who is trusted; NULL:
 * nobody. */
const char *variable_obeyed_by(const char *variable);

#endif
