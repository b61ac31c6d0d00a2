/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sideseat-secrets/input.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "store/descriptor.h"

/* The signals that would leave the terminal without an echo. */
static const int guarded[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};

#define GUARDED (sizeof guarded / sizeof guarded[0])

static volatile sig_atomic_t caught;

static void catch_signal(int number)
{
    caught = number;
}

/* read(2) that goes on after signals, but for those that were caught here. */
static ssize_t read_some(int fd, void *buffer, size_t size)
{
    ssize_t n;

    do
        n = read(fd, buffer, size);
    while (n < 0 && errno == EINTR && caught == 0);
    return n;
}

static enum outcome read_all(int fd, const char *name, struct store_secret *out)
{
    switch (store_secret_read(out, fd, INPUT_MAX)) {
    case STORE_OK:
        return OUTCOME_OK;
    case STORE_TOO_BIG:
        outcome_print("%s is longer than %zu bytes", name, INPUT_MAX);
        return OUTCOME_FAILED;
    case STORE_FAILED:
        outcome_print("cannot read %s: %s", name, strerror(errno));
        return OUTCOME_FAILED;
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

static void ask(int terminal, const char *text)
{
    ssize_t n = write(terminal, text, strlen(text));

    (void)n; /* whoever cannot be asked does not answer either */
}

/* Reads up to the end of the line; a terminal gives one line at a time. */
static enum outcome read_line(int terminal, struct store_secret *out)
{
    unsigned char c = 0;
    ssize_t n = 0;
    enum store_err err = STORE_OK;

    while (err == STORE_OK && caught == 0 && out->len < INPUT_MAX) {
        n = read_some(terminal, &c, 1);
        if (n <= 0 || c == '\n')
            break;
        err = store_secret_append(out, &c, 1);
    }
    store_wipe(&c, 1);
    if (err != STORE_OK)
        return outcome_no_memory();
    if (caught != 0 || n < 0 || (n == 0 && out->len == 0))
        return OUTCOME_USAGE;
    return OUTCOME_OK;
}

static enum outcome read_hidden(int terminal, const char *question, struct store_secret *out)
{
    struct sigaction action = {.sa_handler = catch_signal};
    struct sigaction before[GUARDED];
    struct termios shown;
    struct termios hidden;
    enum outcome outcome;

    if (tcgetattr(terminal, &shown) != 0) {
        outcome_print("cannot ask at the terminal: %s", strerror(errno));
        return OUTCOME_FAILED;
    }
    caught = 0;
    for (size_t i = 0; i < GUARDED; i++)
        (void)sigaction(guarded[i], &action, &before[i]);
    hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
    (void)tcsetattr(terminal, TCSAFLUSH, &hidden);
    ask(terminal, question);
    outcome = read_line(terminal, out);
    (void)tcsetattr(terminal, TCSAFLUSH, &shown);
    ask(terminal, "\n");
    for (size_t i = 0; i < GUARDED; i++)
        (void)sigaction(guarded[i], &before[i], NULL);
    return outcome;
}

enum outcome input_prompt(const char *question, struct store_secret *out)
{
    int terminal = store_fd_high(open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC));
    enum outcome outcome;

    if (terminal < 0) {
        outcome_print("there is no terminal to ask at");
        return OUTCOME_LOCKED;
    }
    outcome = read_hidden(terminal, question, out);
    (void)close(terminal);
    if (caught != 0) {
        store_secret_wipe(out);
        (void)raise((int)caught);
        outcome_print("interrupted");
        return OUTCOME_USAGE; /* stopped and continued: whoever called starts again */
    }
    if (outcome == OUTCOME_USAGE)
        outcome_print("nothing was given at the prompt; nothing has changed");
    return outcome;
}
