/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/programs/child.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/programs/start.h"

/* The signals that are waited for, rather than handled; the program gets those that end programs.
 */
static const int waited[] = {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGQUIT};

const char platform_signal_names[] = "HUP, INT, TERM, QUIT, USR1 or USR2";

static struct {
    sigset_t signals;
    sigset_t before;
    pid_t pid; /* 0: the program does not run */
    int status;
} child;

void platform_child_prepare(void)
{
    (void)sigemptyset(&child.signals);
    for (size_t i = 0; i < sizeof waited / sizeof waited[0]; i++)
        (void)sigaddset(&child.signals, waited[i]);
    /* threads that start later have the same mask */
    (void)sigprocmask(SIG_BLOCK, &child.signals, &child.before);
}

int platform_child_start(char **program, int (*failed)(const char *name, int error))
{
    child.pid = fork();
    if (child.pid == 0) {
        (void)sigprocmask(SIG_SETMASK, &child.before, NULL);
        _exit(failed(program[0], platform_become(program, environ, NULL, NULL)));
    }
    if (child.pid > 0)
        return 0;
    child.pid = 0;
    return errno;
}

bool platform_child_runs(void)
{
    return child.pid > 0;
}

int platform_child_status(void)
{
    return child.status;
}

/* Notes the end of the program. */
static void reap(void)
{
    int status = 0;

    if (child.pid == 0 || waitpid(child.pid, &status, WNOHANG) != child.pid)
        return;
    child.pid = 0;
    child.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool platform_child_wait(time_t seconds)
{
    const struct timespec interval = {seconds, 0};
    int number = sigtimedwait(&child.signals, NULL, &interval);

    if (number == SIGCHLD)
        reap();
    if (number <= 0 || number == SIGCHLD)
        return false;
    platform_child_signal(number);
    child.status = 128 + number;
    return true;
}

int platform_signal_number(const char *name)
{
    static const struct {
        const char *name;
        int number;
    } signals[] = {{"HUP", SIGHUP},   {"INT", SIGINT},   {"TERM", SIGTERM},
                   {"QUIT", SIGQUIT}, {"USR1", SIGUSR1}, {"USR2", SIGUSR2}};

    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        if (strcmp(name, signals[i].name) == 0)
            return signals[i].number;
    return 0;
}

void platform_child_signal(int number)
{
    if (child.pid > 0)
        (void)kill(child.pid, number);
}
