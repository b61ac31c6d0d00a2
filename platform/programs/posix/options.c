/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/programs/options.h"

#include <errno.h>
#include <stdio.h>

/* Standard error while argp has the word. */
static FILE *error_stream;

void platform_options_end(void)
{
    if (error_stream != NULL)
        stderr = error_stream;
}

int platform_options_parse(const struct argp *argp, int argc, char **argv, unsigned flags,
                           void *input, char **said)
{
    size_t size = 0;
    FILE *instead;
    error_t error;

    *said = NULL;
    instead = open_memstream(said, &size);
    if (instead == NULL)
        return ENOMEM;
    error_stream = stderr;
    stderr = instead;
    error = argp_parse(argp, argc, argv, flags | ARGP_NO_EXIT | ARGP_NO_HELP, NULL, input);
    platform_options_end();
    (void)fclose(instead);
    return error;
}
