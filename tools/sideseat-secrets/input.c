/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "platform/programs/terminal.h"
#include "store/descriptor.h"

static enum outcome read_all(int fd, const char *name, struct store_secret *out)
{
    int error;

    switch (store_secret_read(out, fd, INPUT_MAX)) {
    case STORE_OK:
        return OUTCOME_OK;
    case STORE_TOO_BIG:
        outcome_print("%s is longer than %zu bytes", name, INPUT_MAX);
        return OUTCOME_FAILED;
    case STORE_FAILED:
        error = errno;
        outcome_print("cannot read %s: %s", name, strerror(error));
        return error == EISDIR ? OUTCOME_USAGE : OUTCOME_FAILED;
    default:
        return outcome_no_memory();
    }
}

enum outcome input_read(struct store_secret *out)
{
    return read_all(STDIN_FILENO, "standard input", out);
}

enum outcome input_read_file(const char *path, struct store_secret *out)
{
    int file = store_fd_high(open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC));
    enum outcome outcome;

    if (file < 0) {
        outcome_print("cannot open %s: %s", path, strerror(errno));
        return OUTCOME_USAGE;
    }
    outcome = read_all(file, path, out);
    (void)close(file);
    return outcome;
}

enum outcome input_prompt(const char *question, struct store_secret *out)
{
    switch (platform_ask_hidden(question, INPUT_MAX, out)) {
    case PLATFORM_ANSWERED:
        return OUTCOME_OK;
    case PLATFORM_NO_TERMINAL:
        outcome_print("there is no terminal to ask at");
        return OUTCOME_LOCKED;
    case PLATFORM_UNREADABLE:
        outcome_print("cannot ask at the terminal: %s%s", strerror(errno),
                      errno == EMSGSIZE ? "; give a value by a pipe, or with set --file" : "");
        return OUTCOME_FAILED;
    case PLATFORM_NO_MEMORY:
        return outcome_no_memory();
    case PLATFORM_INTERRUPTED:
        outcome_print("interrupted");
        return OUTCOME_USAGE;
    case PLATFORM_NOTHING:
        break;
    }
    outcome_print("nothing was given at the prompt; nothing has changed");
    return OUTCOME_USAGE;
}
