/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/programs/start.h"

#include <errno.h>
#include <stdlib.h>

#include "platform/programs/windows/launch.h"

/* The program gets the keys as well, and decides. */
static BOOL WINAPI leave_to_program(DWORD key)
{
    return key == CTRL_C_EVENT || key == CTRL_BREAK_EVENT;
}

int platform_become(char **program, char **variables, void (*running)(void *), void *arg)
{
    HANDLE process;
    DWORD status = 0;
    int error;

    (void)SetConsoleCtrlHandler(leave_to_program, TRUE);
    error = windows_launch(program, variables, &process);
    if (error != 0) {
        (void)SetConsoleCtrlHandler(leave_to_program, FALSE);
        return error;
    }
    running(arg);
    if (WaitForSingleObject(process, INFINITE) != WAIT_OBJECT_0 ||
        !GetExitCodeProcess(process, &status))
        return EIO;
    exit((int)status);
}
