/* SPDX-License-Identifier: Apache-2.0 */
#include "store/remote/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/process.h"
#include "store/remote/environment.h"
#include "store/remote/program.h"
#include "store/descriptor.h"
#include "store/log.h"
#include "store/user.h"

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
struct start {
    const char *program;
    char **environment;
    int control; /* the store process's end */
    bool logs;   /* it gets standard error */
    int error;   /* of posix_spawn */
    int process; /* pidfd of the store process */
};

/* Its standard descriptors are /dev/null, except standard error if the module's log goes there:
 * the process writes lines that belong to no call to that log. */
static int add_actions(posix_spawn_file_actions_t *actions, const struct start *start)
{
    int error = 0;

    for (int fd = 0; fd < LAUNCH_FD && error == 0; fd++)
        error = fd == STDERR_FILENO && start->logs
                    ? posix_spawn_file_actions_adddup2(actions, fd, fd)
                    : posix_spawn_file_actions_addopen(actions, fd, "/dev/null", O_RDWR, 0);
    if (error == 0)
        error = posix_spawn_file_actions_adddup2(actions, start->control, LAUNCH_FD);
    if (error == 0)
        error = platform_spawn_close_from(actions, LAUNCH_FD + 1);
    return error;
}

static int spawn(const struct start *start, pid_t *pid)
{
    /* the store process of a privileged host is as careful as the host */
    char *const arguments[] = {(char[]){"sideseat-store"}, (char[]){"--inherited"},
                               store_privileged() ? (char[]){"--privileged"} : NULL, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    sigset_t all;
    int error;

    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawn_file_actions_init(&actions);
    error = add_actions(&actions, start);
    if (error == 0)
        error =
            posix_spawn(pid, start->program, &actions, &attributes, arguments, start->environment);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return error;
}

/* The whole life of the process in between. */
static int between(void *arg)
{
    struct start *start = arg;
    pid_t pid;

    start->error = spawn(start, &pid);
    if (start->error ==
        0) /* our child: nobody else can have reaped it, so the pid is still its own */
        start->process = store_fd_high((int)syscall(SYS_pidfd_open, pid, 0));
    return 0;
}

/* Runs `between` to its end. No signal handler of the host's runs in it. */
static int run_between(struct start *start)
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
    pid = clone(between, (char *)stack + STACK_SIZE, CLONE_VM | CLONE_VFORK | CLONE_FILES, start);
    error = pid < 0 ? errno : 0;
    while (pid > 0 && waitpid(pid, NULL, (int)__WCLONE) < 0 && errno == EINTR)
        continue;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    munmap(stack, STACK_SIZE);
    return error != 0 ? error : start->error;
}

static enum store_err failed(const char *program, int error)
{
    const char *remedy = "free some memory, processes or descriptors";

    if (error == EPERM || error == EACCES || error == ENOSYS)
        remedy = "check its permissions; where a sandbox forbids this program to start others, "
                 "run \"sideseat-store --listen PATH\" outside of it and name PATH in "
                 "pkcs11.store.socket";
    if (error == ENOENT || error == ENOTDIR || error == ENOEXEC)
        remedy = "install it there, or name it in pkcs11.store.program";
    store_log(STORE_LOG_ERROR, "store: cannot start %s: %s; %s", program, strerror(error), remedy);
    return STORE_UNAVAILABLE;
}

enum store_err launch(const char *program, const struct store_conf *conf, struct channel *out)
{
    struct start start = {.program = program, .logs = store_log_is_stderr(), .process = -1};
    int ends[2] = {-1, -1};
    int error = 0;

    *out = (struct channel){-1, -1};
    if (program[0] != '/')
        return failed(program, ENOENT);
    TRY(program_check(conf));
    if (!store_fd_socketpair(ends, SOCK_SEQPACKET))
        return failed(program, errno);
    start.control = ends[1];
    start.environment = environment_for(conf);
    error = start.environment == NULL ? ENOMEM : run_between(&start);
    environment_free(start.environment);
    close(start.control); /* only here: the other end shares the connection */
    if (error != 0) {
        channel_close(&(struct channel){ends[0], -1});
        return failed(program, error);
    }
    *out = (struct channel){.fd = ends[0], .process = start.process};
    return STORE_OK;
}

void launch_end(struct channel *launched, bool kill)
{
    if (kill && launched->process >= 0)
        (void)syscall(SYS_pidfd_send_signal, launched->process, SIGKILL, NULL, 0);
    channel_close(launched);
}
