/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_REQUEST_COMMAND_H
#define TOOLS_SIDESEAT_SECRETS_REQUEST_COMMAND_H

#include <argp.h>

/* A parser of argp for all that follows the command: its options, its keys and its program. */
error_t request_parse_command(int key, char *text, struct argp_state *state);

#endif
