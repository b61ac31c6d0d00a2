/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/programs/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
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

static void ask(int terminal, const char *text)
{
    ssize_t n = write(terminal, text, strlen(text));

    (void)n; /* whoever cannot be asked does not answer either */
}

/* Reads up to the end of the line; a terminal gives one line at a time. */
static enum platform_answer read_line(int terminal, size_t most, struct store_secret *out)
{
    unsigned char c = 0;
    ssize_t n = 0;
    enum store_err err = STORE_OK;

    while (err == STORE_OK && caught == 0 && out->len < most) {
        n = read_some(terminal, &c, 1);
        if (n <= 0 || c == '\n')
            break;
        err = store_secret_append(out, &c, 1);
    }
    store_wipe(&c, 1);
    if (err != STORE_OK)
        return PLATFORM_NO_MEMORY;
    if (caught != 0 || n < 0 || (n == 0 && out->len == 0))
        return PLATFORM_NOTHING;
    return PLATFORM_ANSWERED;
}

static enum platform_answer read_hidden(int terminal, const char *question, size_t most,
                                        struct store_secret *out)
{
    struct sigaction action = {.sa_handler = catch_signal};
    struct sigaction before[GUARDED];
    struct termios shown;
    struct termios hidden;
    enum platform_answer answer;

    if (tcgetattr(terminal, &shown) != 0)
        return PLATFORM_UNREADABLE;
    caught = 0;
    for (size_t i = 0; i < GUARDED; i++)
        (void)sigaction(guarded[i], &action, &before[i]);
    hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
    (void)tcsetattr(terminal, TCSAFLUSH, &hidden);
    ask(terminal, question);
    answer = read_line(terminal, most, out);
    (void)tcsetattr(terminal, TCSAFLUSH, &shown);
    ask(terminal, "\n");
    for (size_t i = 0; i < GUARDED; i++)
        (void)sigaction(guarded[i], &before[i], NULL);
    return answer;
}

enum platform_answer platform_ask_hidden(const char *question, size_t most,
                                         struct store_secret *out)
{
    int terminal = store_fd_high(open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC));
    enum platform_answer answer;
    int saved;

    if (terminal < 0)
        return PLATFORM_NO_TERMINAL;
    caught = 0;
    answer = read_hidden(terminal, question, most, out);
    saved = errno;
    (void)close(terminal);
    errno = saved;
    if (caught == 0)
        return answer;
    store_secret_wipe(out);
    (void)raise((int)caught);
    return PLATFORM_INTERRUPTED; /* stopped and continued: whoever called starts again */
}
