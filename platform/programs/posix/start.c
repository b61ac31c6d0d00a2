/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/programs/start.h"

#include <errno.h>
#include <sys/resource.h>
#include <unistd.h>

/* The limit of core files before platform_guard. */
static struct rlimit core_limit;

bool platform_start(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return true;
}

void platform_guard(void)
{
    struct rlimit none;

    if (getrlimit(RLIMIT_CORE, &core_limit) != 0)
        return;
    none = core_limit;
    none.rlim_cur = 0; /* the hard limit stays, so that platform_become can give it back */
    (void)setrlimit(RLIMIT_CORE, &none);
}

int platform_become(char **program, char **variables, void (*running)(void *), void *arg)
{
    int error;

    (void)running;
    (void)arg;
    (void)setrlimit(RLIMIT_CORE, &core_limit);
    (void)execvpe(program[0], program, variables);
    error = errno;
    platform_guard();
    return error;
}
