/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/programs/options.h"

#include <stdio.h>

/* Our own argp prints no messages. */
void platform_options_end(void)
{
}

int platform_options_parse(const struct argp *argp, int argc, char **argv, unsigned flags,
                           void *input, char **said)
{
    error_t error = argp_parse(argp, argc, argv, flags, NULL, input);

    *said = NULL;
    if (error != 0 && asprintf(said, "%s: %s", argv[0], argp_message()) < 0)
        *said = NULL;
    return error;
}
