/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLATFORM_PROGRAMS_OPTIONS_H
#define PLATFORM_PROGRAMS_OPTIONS_H

#include <argp.h>

/* Runs argp_parse(3), which prints nothing: its message, "PROGRAM: unrecognized option '--x'" and
 * more lines, goes to `said`, which the caller frees; NULL without memory. Returns 0 or an errno.
 *
 * Meanwhile nobody may print: a parser that ends the program calls platform_options_end() first,
 * which does no harm at other times. One thread. */
int platform_options_parse(const struct argp *argp, int argc, char **argv, unsigned flags,
                           void *input, char **said);
void platform_options_end(void);

#endif
