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

/* The length without the last character, which may have several bytes. */
static size_t without_character(const struct store_secret *line)
{
    size_t len = line->len;

    while (len > 0 && (line->data[--len] & 0xc0) == 0x80)
        ;
    return len;
}

static size_t without_word(const struct store_secret *line)
{
    size_t len = line->len;

    while (len > 0 && line->data[len - 1] == ' ')
        len--;
    while (len > 0 && line->data[len - 1] != ' ')
        len--;
    return len;
}

/* A line that is typed, and the keys of the terminal, which POSIX calls c_cc. */
struct typed {
    struct store_secret *line;
    const cc_t *keys;
    bool literal; /* the next byte is text, not an editing key */
    bool ended;
};

static bool is_key(const struct typed *typed, int key, unsigned char c)
{
    return !typed->literal && typed->keys[key] != (cc_t)_POSIX_VDISABLE && typed->keys[key] == c;
}

/* Takes a byte, as a terminal does for a program that reads whole lines. */
static enum store_err take(struct typed *typed, unsigned char c)
{
    unsigned char *bytes = NULL;
    size_t len = typed->line->len;

    if (c == '\n' || is_key(typed, VEOL, c) || is_key(typed, VEOF, c)) {
        typed->ended = true;
        return STORE_OK;
    }
    if (is_key(typed, VERASE, c))
        len = without_character(typed->line);
    else if (is_key(typed, VWERASE, c))
        len = without_word(typed->line);
    else if (is_key(typed, VKILL, c))
        len = 0;
    else if (is_key(typed, VLNEXT, c))
        typed->literal = true;
    else if (!is_key(typed, VREPRINT, c)) {
        typed->literal = false;
        return store_secret_append(typed->line, &c, 1);
    }
    return len < typed->line->len ? store_secret_resize(typed->line, len, &bytes) : STORE_OK;
}

/* Reads up to the end of the line. */
static enum platform_answer read_line(int terminal, const struct termios *shown, size_t most,
                                      struct store_secret *out)
{
    struct typed typed = {.line = out, .keys = shown->c_cc};
    unsigned char c = 0;
    ssize_t n = 1;
    enum store_err err = STORE_OK;
    bool whole;

    while (err == STORE_OK && caught == 0 && n > 0 && !typed.ended && out->len <= most) {
        n = read_some(terminal, &c, 1);
        if (n > 0)
            err = take(&typed, c);
    }
    whole = c == '\n';
    store_wipe(&c, 1);
    if (err != STORE_OK)
        return PLATFORM_NO_MEMORY;
    if (out->len > most) {
        errno = EMSGSIZE;
        return PLATFORM_UNREADABLE;
    }
    if (caught != 0 || n <= 0 || (!whole && out->len == 0))
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
    /* one that gives whole lines would cut those of 4096 bytes, in silence */
    hidden.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | IEXTEN);
    hidden.c_cc[VMIN] = 1;
    hidden.c_cc[VTIME] = 0;
    (void)tcsetattr(terminal, TCSAFLUSH, &hidden);
    ask(terminal, question);
    answer = read_line(terminal, &shown, most, out);
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
