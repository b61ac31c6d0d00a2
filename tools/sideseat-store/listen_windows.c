/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "tools/sideseat-store/modes.h"

static int refuse(void)
{
    fputs("sideseat-store: on Windows each program starts its own; it cannot be shared\n", stderr);
    return EXIT_FAILURE;
}

int listen_run(const char *path)
{
    (void)path;
    return refuse();
}

int activated_run(void)
{
    return refuse();
}
