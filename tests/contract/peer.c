/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/contract/peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

size_t peer_open_files(void)
{
    DIR *folder = opendir("/proc/self/fd");
    size_t count = 0;

    assert_non_null(folder);
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

struct peer peer_start(const char *const *arguments, bool with_output)
{
    struct peer peer = {.from = -1};
    int ends[2] = {-1, -1};
    pid_t child;

    if (with_output)
        assert_int_equal(pipe(ends), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (with_output) {
            dup2(ends[1], STDOUT_FILENO);
            close(ends[0]);
            close(ends[1]);
        }
        execv("/proc/self/exe", (char *const *)(uintptr_t)arguments);
        _exit(127);
    }
    peer.process = child;
    if (with_output) {
        close(ends[1]);
        peer.from = ends[0];
    }
    return peer;
}

int peer_finish(const struct peer *peer)
{
    int status = 0;

    while (waitpid((pid_t)peer->process, &status, 0) < 0)
        assert_int_equal(errno, EINTR);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void peer_kill(const struct peer *peer)
{
    kill((pid_t)peer->process, SIGKILL);
}
