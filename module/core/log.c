/* SPDX-License-Identifier: Apache-2.0 */
#include "store/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#define LINE_SIZE 1024

enum target { TARGET_STDERR, TARGET_SYSLOG, TARGET_FILE };

static _Atomic int enabled = STORE_LOG_WARNING;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* for what follows */
static _Atomic pid_t lock_process;                       /* whose lock that is; -pid: being made */
static enum target target = TARGET_STDERR;
static int file = -1;
static store_log_sink *redirect;
static void *redirect_arg;

static const char *const names[] = {"error", "warning", "info", "debug"};

bool store_log_enabled(enum store_log_level level)
{
    return (int)level <= atomic_load_explicit(&enabled, memory_order_relaxed);
}

/* A thread that held the lock when another one forked does not exist in the child, so the child's
 * first line makes the lock anew. */
static void lock_take(void)
{
    pid_t self = getpid();
    pid_t owner = atomic_load(&lock_process);

    while (owner != self) {
        if (owner != -self && atomic_compare_exchange_strong(&lock_process, &owner, -self)) {
            pthread_mutex_init(&lock, NULL);
            atomic_store(&lock_process, self);
        }
        owner = atomic_load(&lock_process);
    }
    pthread_mutex_lock(&lock);
}

static void write_whole(int fd, const char *text, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, text, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return; /* nobody to tell that the log is full */
        text += n;
        len -= (size_t)n;
    }
}

/* A line for a stream that others write to as well says who speaks and when. */
static void write_line(int fd, enum store_log_level level, const char *text)
{
    char line[LINE_SIZE + 96];
    char when[32] = "";
    time_t now = time(NULL);
    struct tm tm;
    int len;

    if (fd != STDERR_FILENO && gmtime_r(&now, &tm) != NULL)
        strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ ", &tm);
    len = snprintf(line, sizeof line, "%ssideseat-pkcs11[%ld] %s: %s\n", when, (long)getpid(),
                   names[level], text);
    if (len > 0)
        write_whole(fd, line, (size_t)len < sizeof line ? (size_t)len : sizeof line - 1);
}

void store_log_pass(enum store_log_level level, const char *text)
{
    static const int priorities[] = {LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG};

    if (target == TARGET_SYSLOG)
        /* no openlog: the identity and the facility are the host's */
        syslog(LOG_MAKEPRI(LOG_USER, priorities[level]), "sideseat-pkcs11: %s", text);
    else
        write_line(target == TARGET_FILE ? file : STDERR_FILENO, level, text);
}

static void deliver(enum store_log_level level, const char *text)
{
    if (redirect != NULL)
        redirect(redirect_arg, level, text);
    else
        store_log_pass(level, text);
}

bool store_log_is_stderr(void)
{
    bool is;

    lock_take();
    is = target == TARGET_STDERR && fcntl(STDERR_FILENO, F_GETFD) >= 0;
    pthread_mutex_unlock(&lock);
    return is;
}

/* One line is one record and no terminal obeys it, whatever a key or a server's answer contains:
 * replaces Unicode's control characters (U+0080 to U+009F are two bytes of UTF-8). */
static void defuse(char *text)
{
    for (unsigned char *c = (unsigned char *)text; *c != '\0'; c++) {
        if (*c < 0x20 || *c == 0x7f)
            *c = '?';
        if (*c == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0)
            c[0] = c[1] = '?';
    }
}

void store_log(enum store_log_level level, const char *format, ...)
{
    char text[LINE_SIZE];
    int saved = errno;
    va_list args;

    if (!store_log_enabled(level))
        return;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    defuse(text);
    lock_take();
    deliver(level, text);
    pthread_mutex_unlock(&lock);
    errno = saved;
}

/* The level for a word; -1 if it is none. */
static int level_named(const char *word)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(word, names[i]) == 0)
            return (int)i;
    return -1;
}

/* Opens a log file; the reason why that failed, or NULL. O_NONBLOCK, so that a pipe that nobody
 * reads is an error and not a host that hangs. */
static const char *open_file(const char *path, int *fd)
{
    struct stat found;

    *fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK,
               0600);
    if (*fd < 0)
        return strerror(errno);
    if (fstat(*fd, &found) == 0 && (S_ISREG(found.st_mode) || S_ISCHR(found.st_mode)))
        return NULL;
    close(*fd);
    *fd = -1;
    return "it is neither a file nor a device";
}

/* Turns a target's words into the target; the reason why that failed, or NULL. */
static const char *open_target(const char *words, enum target *out, int *fd)
{
    if (words == NULL || strcmp(words, "stderr") == 0) {
        *out = TARGET_STDERR;
    } else if (strcmp(words, "syslog") == 0) {
        *out = TARGET_SYSLOG;
    } else if (words[0] != '/') {
        return "it is no absolute path, \"syslog\" or \"stderr\"";
    } else {
        const char *wrong = open_file(words, fd);
        if (wrong == NULL)
            *out = TARGET_FILE;
        return wrong;
    }
    return NULL;
}

void store_log_open(const char *level, const char *words)
{
    int wanted = level == NULL ? STORE_LOG_WARNING : level_named(level);
    enum target new_target = TARGET_STDERR;
    int new_file = -1;
    const char *wrong = open_target(words, &new_target, &new_file);
    int old_file;

    lock_take();
    old_file = file;
    file = new_file;
    target = new_target;
    pthread_mutex_unlock(&lock);
    atomic_store(&enabled, wanted < 0 ? STORE_LOG_WARNING : wanted);
    if (old_file >= 0)
        close(old_file);
    if (wrong != NULL)
        store_log(STORE_LOG_WARNING, "log: cannot write to \"%s\": %s; using standard error", words,
                  wrong);
    if (wanted < 0)
        store_log(STORE_LOG_WARNING, "log: unknown level \"%s\"; use error, warning, info or debug",
                  level);
}

void store_log_redirect(store_log_sink *sink, void *arg)
{
    lock_take();
    redirect = sink;
    redirect_arg = arg;
    pthread_mutex_unlock(&lock);
}

void store_log_close(void)
{
    store_log_open(NULL, NULL);
}
