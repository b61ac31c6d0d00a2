/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "platform/posix/handover.h"
#include "platform/posix/launch.h"
#include "platform/process.h"
#include "store/descriptor.h"
#include "store/time.h"

/*
 * The host starts the program, and that starts itself once more and ends: the second one, which is
 * the store process, is not the host's child. It alone has the writing end of a pipe, the life
 * line, and its host the reading end, which becomes readable with its end. A pidfd does not exist
 * here, and a forked child of the host would lack a kqueue.
 */
#define LIFE_FD (LAUNCH_FD + 1)
#define FIRST_FREE (LIFE_FD + 1)

#define ARGUMENTS_MAX 8

/* The limit for the first program's start, which may be checked for malware once. */
#define START_NS (5 * STORE_TIME_S)

/* What the first program tells the host, together with the life line. */
struct answer {
    int error; /* of the second start */
    pid_t pid;
};

/* A start: the descriptors that become LAUNCH_FD and the ones after it, and those of 0, 1 and 2
 * that stay (a bit each). */
struct spawn {
    const char *program;
    char *const *arguments;
    char *const *environment;
    int given[2];
    int count;
    unsigned inherited;
};

static int add_actions(posix_spawn_file_actions_t *actions, const struct spawn *spawn,
                       const int sources[2])
{
    int error = 0;

    for (int fd = 0; fd < LAUNCH_FD && error == 0; fd++)
        error = (spawn->inherited & 1U << fd) != 0
                    ? posix_spawn_file_actions_addinherit_np(actions, fd)
                    : posix_spawn_file_actions_addopen(actions, fd, "/dev/null", O_RDWR, 0);
    for (int i = 0; i < spawn->count && error == 0; i++)
        error = posix_spawn_file_actions_adddup2(actions, sources[i], LAUNCH_FD + i);
    return error;
}

static int spawn_program(const struct spawn *spawn, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    int sources[2] = {-1, -1};
    int error = posix_spawn_file_actions_init(&actions);

    if (error != 0)
        return error;
    /* so that no action is from a descriptor to itself, or closes one that another still needs */
    for (int i = 0; i < spawn->count && error == 0; i++) {
        sources[i] = fcntl(spawn->given[i], F_DUPFD_CLOEXEC, FIRST_FREE);
        error = sources[i] < 0 ? errno : 0;
    }
    if (error == 0)
        error = add_actions(&actions, spawn, sources);
    if (error == 0)
        error = launch_spawn(pid, spawn->program, &actions, POSIX_SPAWN_CLOEXEC_DEFAULT,
                             spawn->arguments, spawn->environment);
    for (int i = 0; i < spawn->count; i++)
        if (sources[i] >= 0)
            close(sources[i]);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

/* Copies the arguments, with another name in front. False if they are too many. */
static bool rename_arguments(char *out[ARGUMENTS_MAX], char *name, char *const *arguments)
{
    int count = 0;

    while (arguments[count] != NULL && count < ARGUMENTS_MAX - 1) {
        out[count] = arguments[count];
        count++;
    }
    out[0] = name;
    out[count] = NULL;
    return arguments[count] == NULL;
}

/* Waits for the end of the first program, which does nothing any more, and kills it at the
 * deadline. The host may have reaped it. */
static void reap(pid_t pid, int64_t deadline)
{
    const struct timespec pause = {.tv_nsec = 200000};
    pid_t ended;

    while ((ended = waitpid(pid, NULL, WNOHANG)) == 0 && store_time_monotonic() < deadline)
        (void)nanosleep(&pause, NULL);
    if (ended != 0)
        return;
    (void)kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        continue;
}

/* Receives the life line and the store process's number from the first program. A program that
 * ends without them is not ours: the first call on a connection notices. */
static int receive_life(pid_t first, struct launched *out)
{
    int64_t deadline = store_time_monotonic() + START_NS;
    struct answer answer = {0};
    enum store_err err = channel_wait(&out->control, deadline);

    if (err == STORE_OK && handover_receive(out->control.fd, &out->control.process, &answer,
                                            sizeof answer) == (ssize_t)sizeof answer)
        out->pid = answer.pid;
    reap(first, err == STORE_OK ? deadline : store_time_monotonic());
    if (err == STORE_TIMEOUT)
        return ETIMEDOUT;
    return answer.error;
}

int platform_launch(const struct platform_start *start, struct launched *out)
{
    char *arguments[ARGUMENTS_MAX];
    struct spawn spawn = {.program = start->program,
                          .arguments = arguments,
                          .environment = start->environment,
                          .count = 1,
                          .inherited = start->logs ? 1U << STDERR_FILENO : 0};
    int ends[2] = {-1, -1};
    pid_t first;
    int error;

    *out = LAUNCHED_NONE;
    if (!rename_arguments(arguments, (char *)(uintptr_t)start->program, start->arguments))
        return E2BIG;
    if (!store_fd_socketpair(ends, SOCK_STREAM))
        return errno;
    spawn.given[0] = ends[1];
    error = spawn_program(&spawn, &first);
    close(ends[1]); /* only here: the other end shares the connection */
    out->control.fd = ends[0];
    if (error == 0)
        error = receive_life(first, out);
    if (error != 0)
        platform_launch_end(out, false);
    return error;
}

/* The life line shows that the number is still the store process's. */
void platform_launch_end(struct launched *launched, bool kill_it)
{
    struct pollfd life = {.fd = launched->control.process, .events = POLLIN};

    if (kill_it && launched->pid > 0 && life.fd >= 0 && poll(&life, 1, 0) == 0)
        (void)kill(launched->pid, SIGKILL);
    launched->pid = 0;
    channel_close(&launched->control);
}

/* The task of the first program. */
static void start_second(char *const *arguments)
{
    char *renamed[ARGUMENTS_MAX];
    struct spawn spawn = {.program = arguments[0],
                          .arguments = renamed,
                          .environment = environ,
                          .given = {LAUNCH_FD},
                          .count = 2,
                          .inherited = 7};
    struct answer answer = {0};
    int life[2] = {-1, -1};

    if (!rename_arguments(renamed, (char[]){"sideseat-store"}, arguments))
        answer.error = E2BIG;
    else if (!store_fd_pipe(life, 0))
        answer.error = errno;
    spawn.given[1] = life[1];
    if (answer.error == 0)
        answer.error = spawn_program(&spawn, &answer.pid);
    (void)handover_send(LAUNCH_FD, answer.error == 0 ? life[0] : -1, &answer, sizeof answer);
}

/* A descriptor that is readable once the host has ended; -1 with errno. */
static int watch_host(int control)
{
    uid_t user;
    pid_t host = 0;

    (void)channel_peer(&(struct channel){control, -1}, &host, &user);
    return host > 0 ? platform_process_watch(host) : -1;
}

bool platform_launched(char *const *arguments, struct channel *control)
{
    socklen_t size = sizeof(int);
    int type = 0;

    if (getsockopt(LAUNCH_FD, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_STREAM)
        return false;
    /* a program that a login starts, and may leave behind, would keep it open after our end */
    fcntl(LAUNCH_FD, F_SETFD, FD_CLOEXEC);
    *control = (struct channel){-1, -1};
    if (arguments[0][0] == '/') {
        start_second(arguments);
        return true;
    }
    fcntl(LIFE_FD, F_SETFD, FD_CLOEXEC);
    *control = (struct channel){LAUNCH_FD, watch_host(LAUNCH_FD)};
    return true;
}
