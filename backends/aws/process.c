/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/aws/sources.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "platform/channel.h"
#include "platform/process.h"
#include "store/descriptor.h"
#include "store/log.h"
#include "store/time.h"
#include "store/user.h"
#include "backends/aws/words.h"

/*
 * credential_process (AWS SDKs and Tools reference guide, "Process credential provider").
 *
 * The command is split into words as botocore does it (words.h) and started directly. AWS's SDKs
 * differ here (others run a shell). Without a shell each word means only itself, as AWS's guide
 * promises: variables and '~' are not expanded. A command that needs a shell can name one.
 */

#define OUTPUT_MAX ((size_t)64 * 1024)

extern char **environ;

struct child {
    pid_t pid;
    int out; /* the reading end of its standard output */
};

/* Starts the program in a process group of its own, so that we can end it with all its children. */
static int child_spawn(char **argv, int out, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP;
    sigset_t none;
    sigset_t all;
    int err;

    if (posix_spawn_file_actions_init(&actions) != 0)
        return ENOMEM;
    if (posix_spawnattr_init(&attributes) != 0) {
        (void)posix_spawn_file_actions_destroy(&actions);
        return ENOMEM;
    }
    (void)sigemptyset(&none);
    (void)sigfillset(&all);
    (void)posix_spawnattr_setsigmask(&attributes, &none);
    (void)posix_spawnattr_setsigdefault(&attributes, &all);
    (void)posix_spawnattr_setpgroup(&attributes, 0);
    err = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (err == 0)
        err = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    if (err == 0)
        err = posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    if (err == 0) /* the program inherits none of our descriptors, marked close-on-exec or not */
        err = platform_spawn_only(&actions, &flags);
    (void)posix_spawnattr_setflags(&attributes, flags);
    if (err == 0)
        err = posix_spawnp(pid, argv[0], &actions, &attributes, argv, environ);
    (void)posix_spawnattr_destroy(&attributes);
    (void)posix_spawn_file_actions_destroy(&actions);
    return err;
}

static enum store_err child_start(const char *profile, const char *command, struct child *child)
{
    AUTO_WORDS words = {0};
    int ends[2];
    int err;

    err = aws_words_split(command, &words);
    if (err == STORE_NO_MEMORY)
        return STORE_NO_MEMORY;
    if (err != STORE_OK) {
        store_log(STORE_LOG_ERROR,
                  "aws: credential_process of profile %s has an open quote or no words", profile);
        return STORE_BAD_CONF;
    }
    if (!store_fd_pipe(ends, 0)) {
        store_log(STORE_LOG_ERROR, "aws: cannot make a pipe for credential_process: %s",
                  strerror(errno));
        return STORE_FAILED;
    }
    err = child_spawn(words.argv, ends[1], &child->pid);
    (void)close(ends[1]);
    child->out = ends[0];
    if (err != 0) {
        store_log(STORE_LOG_ERROR,
                  "aws: credential_process of profile %s, %s, cannot be started: %s", profile,
                  words.argv[0], strerror(err));
        (void)close(ends[0]);
    }
    return err == 0 ? STORE_OK : STORE_AUTH;
}

/* Waits for a descriptor; false at the deadline. */
static bool wait_readable(int fd, int64_t deadline_ns)
{
    return channel_wait(&(struct channel){fd, -1}, deadline_ns) == STORE_OK;
}

static enum store_err child_read(const struct child *child, int64_t deadline_ns,
                                 struct store_secret *out)
{
    size_t len = 0;
    unsigned char *bytes;

    for (;;) {
        ssize_t n;

        TRY(store_secret_resize(out, len + 4096, &bytes));
        if (!wait_readable(child->out, deadline_ns))
            return STORE_TIMEOUT;
        n = read(child->out, bytes + len, 4096);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return STORE_FAILED;
        if (len + (size_t)n > OUTPUT_MAX)
            return STORE_TOO_BIG;
        len += (size_t)n;
        if (n == 0)
            return store_secret_resize(out, len, &bytes);
    }
}

/* Waits for the program's end without reaping it; false at the deadline. */
static bool child_wait(const struct child *child, int64_t deadline_ns)
{
    const struct timespec pause = {.tv_nsec = 10 * 1000 * 1000};
    int handle = platform_process_watch(child->pid);
    siginfo_t info = {0};
    bool ended;

    if (handle >= 0) {
        ended = wait_readable(handle, deadline_ns);
        (void)close(handle);
        return ended;
    }
    /* it has ended already, or a sandbox forbids to watch it */
    while (waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == 0) {
        if (store_time_monotonic() >= deadline_ns)
            return false;
        (void)nanosleep(&pause, NULL);
    }
    return true;
}

/* Waits for the program's end and returns its status. Kills it and all of its group at the
 * deadline, or at once if `kill_now`. Does not wait for a process that has left the group; it holds
 * none of our descriptors. */
static enum store_err child_end(const struct child *child, int64_t deadline_ns, bool kill_now,
                                int *status)
{
    bool late = kill_now || !child_wait(child, deadline_ns);

    if (late) {
        (void)kill(-child->pid, SIGKILL);
        (void)kill(child->pid, SIGKILL); /* it may have gone into another group itself */
    }
    while (waitpid(child->pid, status, 0) < 0)
        if (errno != EINTR)
            return STORE_FAILED;
    return late ? STORE_TIMEOUT : STORE_OK;
}

static enum store_err child_failed(const char *profile, enum store_err err, int status)
{
    if (err == STORE_TIMEOUT)
        store_log(STORE_LOG_ERROR,
                  "aws: credential_process of profile %s did not end in time and was stopped",
                  profile);
    else if (err == STORE_TOO_BIG || err == STORE_FAILED)
        store_log(STORE_LOG_ERROR, "aws: credential_process of profile %s %s and was stopped",
                  profile,
                  err == STORE_TOO_BIG ? "writes more than 64 KiB" : "could not be read from");
    else if (err == STORE_NO_MEMORY)
        return err;
    else if (WIFSIGNALED(status))
        store_log(STORE_LOG_ERROR, "aws: credential_process of profile %s was ended by signal %d",
                  profile, WTERMSIG(status));
    else
        store_log(
            STORE_LOG_ERROR,
            "aws: credential_process of profile %s failed with exit status %d; run it by hand to "
            "see why",
            profile, WEXITSTATUS(status));
    return err == STORE_TIMEOUT ? STORE_TIMEOUT : STORE_AUTH;
}

static enum store_err output_parse(const char *profile, const struct store_secret *output,
                                   struct aws_keys *out)
{
    AUTO_JSON document = NULL;
    int64_t version = 0;

    if (json_read(&document, output, NULL) == STORE_OK &&
        json_whole(json_member(json_root(document), "Version"), &version) == STORE_OK &&
        version == 1 && aws_keys_from_json(json_root(document), "SessionToken", out) == STORE_OK) {
        (void)snprintf(out->source, sizeof out->source, "credential_process of profile %.60s",
                       profile);
        return STORE_OK;
    }
    store_log(STORE_LOG_ERROR,
              "aws: credential_process of profile %s did not print JSON with Version 1, "
              "AccessKeyId and SecretAccessKey",
              profile);
    return STORE_AUTH;
}

enum store_err aws_keys_from_process(const struct aws_net *net, const char *profile,
                                     const char *command, struct aws_keys *out)
{
    struct child child;
    AUTO_SECRET output = {0};
    int status = 0;
    enum store_err err;
    enum store_err ended;

    if (store_privileged()) {
        store_log(STORE_LOG_ERROR,
                  "aws: credential_process of profile %s is not run for a program with raised "
                  "privileges; give it a role, or keys in a root-owned place",
                  profile);
        return STORE_BAD_CONF;
    }
    TRY(child_start(profile, command, &child));
    err = child_read(&child, net->deadline_ns, &output);
    (void)close(child.out);
    ended = child_end(&child, net->deadline_ns, err != STORE_OK, &status);
    if (err == STORE_OK)
        err = ended;
    if (err != STORE_OK || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return child_failed(profile, err, status);
    return output_parse(profile, &output, out);
}
