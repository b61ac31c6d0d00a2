/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/programs/child.h"

#include "platform/programs/windows/launch.h"
#include "platform/system.h"

/* The status of a program that a key ended, as shells have it. */
#define INTERRUPTED 130

#define MS_IN_S 1000

const char platform_signal_names[] = "";

static struct {
    HANDLE key;     /* an event: somebody has pressed it */
    HANDLE process; /* NULL: the program does not run */
    int status;
    bool failed; /* it could not be started, which counts as its end */
} child;

static BOOL WINAPI note_key(DWORD key)
{
    return (key == CTRL_C_EVENT || key == CTRL_BREAK_EVENT) && SetEvent(child.key);
}

void platform_child_prepare(void)
{
    child.key = CreateEventW(NULL, FALSE, FALSE, NULL);
    if (child.key != NULL)
        (void)SetConsoleCtrlHandler(note_key, TRUE);
}

int platform_child_start(char **program, int (*failed)(const char *name, int error))
{
    int error = windows_launch(program, platform_environ(), &child.process);

    if (error == 0)
        return 0;
    child.process = NULL;
    child.failed = true;
    child.status = failed(program[0], error);
    return 0;
}

bool platform_child_runs(void)
{
    return child.process != NULL || child.failed;
}

int platform_child_status(void)
{
    return child.status;
}

static void note_end(void)
{
    DWORD status = 0;

    (void)GetExitCodeProcess(child.process, &status);
    child.status = (int)status;
    CloseHandle(child.process);
    child.process = NULL;
}

bool platform_child_wait(time_t seconds)
{
    HANDLE events[2] = {child.key, child.process};
    const DWORD count = child.process == NULL ? 1 : 2;
    const DWORD longest = INFINITE / MS_IN_S - 1;
    const DWORD ms = (seconds > (time_t)longest ? longest : (DWORD)seconds) * MS_IN_S;
    DWORD event;

    if (child.failed) {
        child.failed = false;
        return false;
    }
    event = WaitForMultipleObjects(count, events, FALSE, ms);
    if (event == WAIT_OBJECT_0 + 1)
        note_end();
    if (event != WAIT_OBJECT_0)
        return false;
    child.status = INTERRUPTED;
    return true;
}

int platform_signal_number(const char *name)
{
    (void)name;
    return 0;
}

void platform_child_signal(int number)
{
    (void)number;
}
