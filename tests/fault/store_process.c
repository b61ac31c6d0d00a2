/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fault/store_fault.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef AS_MACOS
/* The process that a pidfd stands for; 0 if the descriptor is none. */
static pid_t pid_of(const char *number)
{
    char path[300];
    char line[128];
    long pid = 0;
    FILE *info;

    snprintf(path, sizeof path, "/proc/self/fdinfo/%s", number);
    info = fopen(path, "re");
    while (info != NULL && fgets(line, sizeof line, info) != NULL)
        if (strncmp(line, "Pid:", 4) == 0)
            pid = strtol(line + 4, NULL, 10);
    if (info != NULL)
        fclose(info);
    return pid > 0 ? (pid_t)pid : 0;
}

pid_t fault_process(void)
{
    DIR *folder = opendir("/proc/self/fd");
    struct dirent *entry;
    pid_t found = 0;

    assert_non_null(folder);
    while (found == 0 && (entry = readdir(folder)) != NULL)
        found = pid_of(entry->d_name);
    closedir(folder);
    return found;
}
#else

/* The pipe that a descriptor of a process is an end of, "" if it is none. */
static const char *pipe_at(char room[64], const char *process, const char *number)
{
    char path[600];
    ssize_t n;

    snprintf(path, sizeof path, "/proc/%s/fd/%s", process, number);
    n = readlink(path, room, 63);
    room[n < 0 ? 0 : n] = '\0';
    return strncmp(room, "pipe:", 5) == 0 ? room : "";
}

/* True if a process holds the other end of a life line of this one. */
static bool is_ours(const char *process)
{
    DIR *folder = opendir("/proc/self/fd");
    struct dirent *entry;
    char theirs[64];
    char own[64];
    bool found = false;

    assert_non_null(folder);
    if (pipe_at(theirs, process, "4")[0] != '\0')
        while (!found && (entry = readdir(folder)) != NULL)
            found = strcmp(theirs, pipe_at(own, "self", entry->d_name)) == 0;
    closedir(folder);
    return found;
}

/* On macOS the host has no descriptor that tells its number. */
pid_t fault_process(void)
{
    DIR *folder = opendir("/proc");
    struct dirent *entry;
    pid_t found = 0;

    assert_non_null(folder);
    while (found == 0 && (entry = readdir(folder)) != NULL) {
        char path[300];
        char name[32] = "";
        FILE *file;

        snprintf(path, sizeof path, "/proc/%s/comm", entry->d_name);
        file = fopen(path, "re");
        if (file == NULL)
            continue;
        if (fgets(name, sizeof name, file) != NULL &&
            strncmp(name, "sideseat-store", strlen("sideseat-store")) == 0 &&
            is_ours(entry->d_name))
            found = (pid_t)strtol(entry->d_name, NULL, 10);
        fclose(file);
    }
    closedir(folder);
    return found;
}
#endif

/* The letter of a process's state. */
static char state_of(pid_t pid)
{
    char path[64];
    char text[256] = "";
    const char *after;
    FILE *stat;

    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    stat = fopen(path, "re");
    if (stat == NULL)
        return 'X';
    after = fgets(text, sizeof text, stat);
    fclose(stat);
    after = after == NULL ? NULL : strrchr(text, ')');
    return after == NULL ? 'X' : after[2];
}

void fault_freeze(pid_t pid)
{
    assert_true(pid > 0);
    assert_int_equal(kill(pid, SIGSTOP), 0);
    while (state_of(pid) != 'T')
        sched_yield();
}

int fault_watch(pid_t pid)
{
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

void fault_wait_watched(int watch)
{
    struct pollfd poll_fd = {.fd = watch, .events = POLLIN};

    if (watch < 0) {
        assert_int_equal(errno, ESRCH); /* it has ended already */
        return;
    }
    assert_int_equal(poll(&poll_fd, 1, 30000), 1);
    close(watch);
}

void fault_wait_end(pid_t pid)
{
    fault_wait_watched(fault_watch(pid));
}

/* poll(2) is a call of its own on older processors only. */
static bool is_poll(long number)
{
#ifdef SYS_poll
    if (number == SYS_poll)
        return true;
#endif
    return number == SYS_ppoll;
}

void fault_wait_poll(pid_t thread)
{
    char path[64];
    char text[64];
    long number = -1;

    snprintf(path, sizeof path, "/proc/self/task/%d/syscall", (int)thread);
    while (!is_poll(number)) {
        FILE *file = fopen(path, "re");
        number = -1;
        if (file != NULL && fgets(text, sizeof text, file) != NULL && text[0] != 'r')
            number = strtol(text, NULL, 10);
        if (file != NULL)
            fclose(file);
        sched_yield();
    }
}
