/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_NUMBER_H
#define TOOLS_SIDESEAT_SECRETS_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* Numbers of options. */

/* A whole number of at most `most`, in digits alone. False if the text is not one. */
bool number_parse(const char *text, uint64_t most, uint64_t *out);

/* A time in seconds: "90", "90s", "15m", "2h" or "30d", at most a thousand years. */
bool number_parse_time(const char *text, uint64_t *seconds);

#endif
