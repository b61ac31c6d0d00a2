/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/macos/missing.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/event.h>
#include <unistd.h>

int execvpe(const char *program, char *const *arguments, char *const *environment)
{
    posix_spawnattr_t attributes;
    int error = posix_spawnattr_init(&attributes);

    if (error == 0) {
        error = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETEXEC);
        if (error == 0)
            error = posix_spawnp(NULL, program, NULL, &attributes, arguments, environment);
        (void)posix_spawnattr_destroy(&attributes);
    }
    errno = error;
    return -1;
}

/* A queue that gets an event for each signal of the set; -1 with errno. */
static int watch_signals(const sigset_t *set)
{
    int queue = kqueue();

    for (int number = 1; queue >= 0 && number < NSIG; number++) {
        struct kevent event;

        EV_SET(&event, (uintptr_t)number, EVFILT_SIGNAL, EV_ADD, 0, 0, NULL);
        if (sigismember(set, number) == 1 && kevent(queue, &event, 1, NULL, 0, NULL) != 0) {
            int saved = errno;
            (void)close(queue);
            errno = saved;
            return -1;
        }
    }
    return queue;
}

/* Takes one of the set that is pending; 0 if none is. */
static int take_pending(const sigset_t *set)
{
    sigset_t pending;
    sigset_t one;
    int taken = 0;

    if (sigpending(&pending) != 0)
        return 0;
    for (int number = 1; taken == 0 && number < NSIG; number++) {
        if (sigismember(set, number) != 1 || sigismember(&pending, number) != 1)
            continue;
        (void)sigemptyset(&one);
        (void)sigaddset(&one, number);
        if (sigwait(&one, &taken) != 0)
            taken = 0;
    }
    return taken;
}

int sigtimedwait(const sigset_t *set, siginfo_t *info, const struct timespec *limit)
{
    int queue = watch_signals(set); /* before the look at those that are pending */
    struct kevent event;
    int taken;

    (void)info;
    if (queue < 0)
        return -1;
    taken = take_pending(set);
    if (taken == 0 && kevent(queue, NULL, 0, &event, 1, limit) > 0)
        taken = take_pending(set);
    (void)close(queue);
    if (taken == 0)
        errno = EAGAIN;
    return taken == 0 ? -1 : taken;
}
