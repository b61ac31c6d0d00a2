/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/contract/peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
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

struct peer peer_start_program(const char *program, const char *const *arguments, bool with_output)
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
        execv(program, (char *const *)(uintptr_t)arguments);
        _exit(127);
    }
    peer.process = child;
    if (with_output) {
        close(ends[1]);
        peer.from = ends[0];
    }
    return peer;
}

struct peer peer_start(const char *const *arguments, bool with_output)
{
    return peer_start_program("/proc/self/exe", arguments, with_output);
}

void peer_socket(const char *folder, char *out, size_t size)
{
    assert_in_range(snprintf(out, size, "%s/socket", folder), 1, size - 1);
}

void peer_socket_wait(const char *place)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int left = 12000;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    assert_true(fd >= 0 && strlen(place) < sizeof address.sun_path);
    memcpy(address.sun_path, place, strlen(place));
    while (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        assert_true(left-- > 0);
        usleep(5000);
    }
    close(fd);
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
