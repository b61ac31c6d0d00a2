/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/process.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* The limit of core files before process_guard. */
static struct rlimit core_limit;

void process_guard(void)
{
    struct rlimit none;

    if (getrlimit(RLIMIT_CORE, &core_limit) != 0)
        return;
    none = core_limit;
    none.rlim_cur = 0; /* the hard limit stays, so that process_become can give it back */
    (void)setrlimit(RLIMIT_CORE, &none);
}

enum outcome process_become(char **program, char **variables)
{
    int error;

    (void)setrlimit(RLIMIT_CORE, &core_limit);
    (void)execvpe(program[0], program, variables);
    error = errno;
    process_guard();
    outcome_print("cannot run %s: %s", program[0], strerror(error));
    return error == ENOENT ? OUTCOME_NO_PROGRAM : OUTCOME_NOT_RUN;
}
