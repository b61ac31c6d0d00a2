/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/posix/launch.h"
#include "platform/process.h"
#include "store/descriptor.h"

/* ThreadSanitizer treats every clone as a fork, even one that shares memory; it does not intercept
 * the C library's other name. */
#ifdef __has_feature
#if __has_feature(thread_sanitizer)
int __clone(int (*function)(void *), void *stack, int flags, void *arg, ...);
#define clone __clone
#endif
#endif

/* The stack of the process in between: posix_spawn needs little, a sanitizer more. */
#define STACK_SIZE ((size_t)256 * 1024)

/* The arguments and results of the process in between, which shares the host's memory and
 * descriptors. */
struct between {
    const struct platform_start *start;
    int control; /* the store process's end */
    int error;   /* of posix_spawn */
    int process; /* pidfd of the store process */
};

/* Its standard descriptors are /dev/null, except standard error if the module's log goes there:
 * the process writes lines that belong to no call to that log. */
static int add_actions(posix_spawn_file_actions_t *actions, const struct between *between)
{
    int error = 0;

    for (int fd = 0; fd < LAUNCH_FD && error == 0; fd++)
        error = fd == STDERR_FILENO && between->start->logs
                    ? posix_spawn_file_actions_adddup2(actions, fd, fd)
                    : posix_spawn_file_actions_addopen(actions, fd, "/dev/null", O_RDWR, 0);
    if (error == 0)
        error = posix_spawn_file_actions_adddup2(actions, between->control, LAUNCH_FD);
    if (error == 0)
        error = platform_spawn_close_from(actions, LAUNCH_FD + 1);
    return error;
}

static int spawn(const struct between *between, pid_t *pid)
{
    const struct platform_start *start = between->start;
    posix_spawn_file_actions_t actions;
    int error;

    posix_spawn_file_actions_init(&actions);
    error = add_actions(&actions, between);
    if (error == 0)
        error =
            launch_spawn(pid, start->program, &actions, 0, start->arguments, start->environment);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

/* The whole life of the process in between. */
static int live_between(void *arg)
{
    struct between *between = arg;
    pid_t pid;

    between->error = spawn(between, &pid);
    if (between->error == 0)
        /* our child: nobody else can have reaped it, so the pid is still its own */
        between->process = platform_process_watch(pid);
    return 0;
}

/* Runs `live_between` to its end. No signal handler of the host's runs in it. */
static int run_between(struct between *between)
{
    void *stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    sigset_t all;
    sigset_t before;
    pid_t pid;
    int error;

    if (stack == MAP_FAILED)
        return errno;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    /* CLONE_VFORK: this thread sleeps until it has ended; the others run on. */
    pid = clone(live_between, (char *)stack + STACK_SIZE, CLONE_VM | CLONE_VFORK | CLONE_FILES,
                between);
    error = pid < 0 ? errno : 0;
    while (pid > 0 && waitpid(pid, NULL, (int)__WCLONE) < 0 && errno == EINTR)
        continue;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    munmap(stack, STACK_SIZE);
    return error != 0 ? error : between->error;
}

int platform_launch(const struct platform_start *start, struct launched *out)
{
    struct between between = {.start = start, .process = -1};
    int ends[2] = {-1, -1};
    int error;

    *out = LAUNCHED_NONE;
    if (!store_fd_socketpair(ends, SOCK_SEQPACKET))
        return errno;
    between.control = ends[1];
    error = run_between(&between);
    close(between.control); /* only here: the other end shares the connection */
    if (error != 0) {
        channel_close(&(struct channel){ends[0], -1});
        return error;
    }
    out->control = (struct channel){.fd = ends[0], .process = between.process};
    return 0;
}

void platform_launch_end(struct launched *launched, bool kill)
{
    if (kill && launched->control.process >= 0)
        (void)syscall(SYS_pidfd_send_signal, launched->control.process, SIGKILL, NULL, 0);
    channel_close(&launched->control);
}

/* A descriptor that is readable once the host has ended; -1 with errno if the kernel has none. */
static int watch_host(int control)
{
    pid_t host;
    uid_t user;

    if (!channel_peer(&(struct channel){control, -1}, &host, &user) || host <= 0)
        return -1;
    return platform_process_watch(host);
}

bool platform_launched(char *const *arguments, struct channel *control)
{
    (void)arguments;
    *control = (struct channel){LAUNCH_FD, watch_host(LAUNCH_FD)};
    if (control->process < 0 && errno == ENOTSOCK)
        return false;
    /* a program that a login starts, and may leave behind, would keep it open after our end */
    fcntl(LAUNCH_FD, F_SETFD, FD_CLOEXEC);
    return true;
}
