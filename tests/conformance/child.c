/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/conformance/conformance.h"
#include "tests/conformance/place.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

const char *const system_full_file = "/dev/full";
const char system_audit_program[] = "/conformance\",\"token\":\"sideseat\"";

const struct chapter *const system_chapters[] = {&process_chapter, &memory_chapter, NULL};

int system_child(int argc, char **argv)
{
    return memory_child(argc, argv);
}

int in_child(int (*act)(void))
{
    int status;
    pid_t child;

    fflush(NULL);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        alarm(60);                           /* rather than hang for ever */
        setenv("CMOCKA_TEST_ABORT", "1", 1); /* rather than go on as a second parent */
        _exit(act());
    }
    while (waitpid(child, &status, 0) < 0)
        assert_int_equal(errno, EINTR);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static const char *const *child_words;

static int exec_child(void)
{
    const char *arguments[12] = {"conformance", suite.module, suite.backend, "child"};

    for (size_t i = 0; child_words[i] != NULL && i + 5 < 12; i++)
        arguments[i + 4] = child_words[i];
    execv("/proc/self/exe", (char **)(uintptr_t)arguments);
    return 127;
}

int run_child(const char *const *words)
{
    child_words = words;
    return in_child(exec_child);
}

bool system_credentials_make(void)
{
    return false;
}

bool system_credentials_short(void)
{
    return false;
}
