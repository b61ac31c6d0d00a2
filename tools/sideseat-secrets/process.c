/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/process.h"

#include <errno.h>
#include <string.h>

#include "platform/programs/start.h"

enum outcome process_failed(const char *name, int error)
{
    outcome_print("cannot run %s: %s", name, strerror(error));
    return error == ENOENT ? OUTCOME_NO_PROGRAM : OUTCOME_NOT_RUN;
}

enum outcome process_become(char **program, char **variables, void (*running)(void *), void *arg)
{
    return process_failed(program[0], platform_become(program, variables, running, arg));
}
