/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_SIDESEAT_SECRETS_REFUSE_H
#define TOOLS_SIDESEAT_SECRETS_REFUSE_H

#include <argp.h>

struct request;

/* How a mistake on the command line ends the program. */

/* Ends the program (status 2): prints the mistake, and where to read on. `state->input` is the
 * request. */
_Noreturn void refuse(const struct argp_state *state, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
_Noreturn void refuse_text(const struct request *request, const char *text);

_Noreturn void refuse_without_memory(void);

#endif
