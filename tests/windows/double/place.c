/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/windows/credentials.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/windows/double/double.h"

bool credentials_make(char *out, size_t size)
{
    const char *top = getenv("TMPDIR");

    snprintf(out, size, "%s/sideseat-credentials-XXXXXX", top == NULL ? "/tmp" : top);
    if (mkdtemp(out) == NULL)
        return false;
    double_use(out);
    return true;
}

void credentials_use(const char *where)
{
    double_use(where);
}

void credentials_remove(const char *folder)
{
    DIR *entries = opendir(folder);
    struct dirent *entry;

    while (entries != NULL && (entry = readdir(entries)) != NULL)
        (void)unlinkat(dirfd(entries), entry->d_name, 0);
    if (entries != NULL)
        closedir(entries);
    (void)rmdir(folder);
}

size_t credentials_key_max(void)
{
    return 0;
}

size_t credentials_count(const char *begin)
{
    return double_count(begin);
}

void credentials_die_at(int call)
{
    double_settings.die_at = double_calls() + call;
}

struct credentials_process {
    pid_t id;
};

/* For programs whose tests start no process. */
__attribute__((weak)) int credentials_child(const char *work, int number)
{
    (void)work;
    return number;
}

credentials_process *credentials_start(const char *work, int number)
{
    credentials_process *process = malloc(sizeof *process);

    process->id = fork();
    if (process->id == 0)
        _exit(credentials_child(work, number));
    return process;
}

int credentials_end(credentials_process *process)
{
    int status = 0;

    if (waitpid(process->id, &status, 0) != process->id)
        abort();
    free(process);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
