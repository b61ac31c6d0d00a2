/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "platform/programs/start.h"
#include "platform/system.h"

/* A program for sideseat-secrets to run: prints its words, SECRET and OTHER. */

static void show(const char *text)
{
    (void)printf("%s\n", text == NULL ? "-" : text);
}

int main(int argc, char **argv)
{
    if (!platform_start(&argc, &argv))
        return 1;
    for (int i = 1; i < argc; i++)
        show(argv[i]);
    show(platform_env("SECRET"));
    show(platform_env("OTHER"));
    return fflush(stdout) == 0 ? 7 : 1;
}
