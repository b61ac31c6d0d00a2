/* SPDX-License-Identifier: Apache-2.0 */
#include "store/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "core/log_target.h"
#include "platform/log.h"
#include "store/utf8.h"

#define LINE_SIZE 1024

static _Atomic int enabled = STORE_LOG_WARNING;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards the variables below */
static _Atomic pid_t lock_process; /* the process that owns the lock; -pid while it makes it */
static struct log_target target = {.kind = LOG_TO_STDERR, .fd = -1};
static unsigned long dropped; /* lines lost since the last one that was written */
static store_log_sink *redirect;
static void *redirect_arg;

bool store_log_enabled(enum store_log_level level)
{
    return (int)level <= atomic_load_explicit(&enabled, memory_order_relaxed);
}

/* A thread that holds the lock during another thread's fork does not exist in the child, so the
 * child's first line makes the lock anew. */
static void lock_acquire(void)
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

/* Drops a line that it cannot write at once: the host must not wait for a reader of its log. */
void store_log_pass(enum store_log_level level, const char *text)
{
    char lost[80];

    if (dropped > 0) {
        snprintf(lost, sizeof lost, "log: %lu line%s dropped here; the log's reader is too slow",
                 dropped, dropped == 1 ? "" : "s");
        if (!log_target_write(&target, STORE_LOG_WARNING, lost)) {
            dropped++;
            return;
        }
        dropped = 0;
    }
    if (!log_target_write(&target, level, text))
        dropped++;
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

    lock_acquire();
    is = target.kind == LOG_TO_STDERR && platform_stderr_usable();
    pthread_mutex_unlock(&lock);
    return is;
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
    store_utf8_defuse(text);
    lock_acquire();
    deliver(level, text);
    pthread_mutex_unlock(&lock);
    errno = saved;
}

/* The level for a word; -1 if there is none. */
static int level_named(const char *word)
{
    for (int i = 0; i < LOG_LEVELS; i++)
        if (strcmp(word, log_level_names[i]) == 0)
            return i;
    return -1;
}

void store_log_open(const char *level, const char *words)
{
    int wanted = level == NULL ? STORE_LOG_WARNING : level_named(level);
    struct log_target new_target;
    struct log_target old_target;
    const char *wrong = log_target_open(words, &new_target);

    lock_acquire();
    old_target = target;
    target = new_target;
    pthread_mutex_unlock(&lock);
    atomic_store(&enabled, wanted < 0 ? STORE_LOG_WARNING : wanted);
    log_target_close(&old_target);
    if (wrong != NULL && words != NULL)
        store_log(STORE_LOG_WARNING, "log: cannot write to \"%s\": %s; using standard error", words,
                  wrong);
    if (wanted < 0)
        store_log(STORE_LOG_WARNING, "log: unknown level \"%s\"; use error, warning, info or debug",
                  level);
}

enum store_err store_no_memory(const char *part)
{
    store_log(STORE_LOG_ERROR, "%s: out of memory; give the process more", part);
    return STORE_NO_MEMORY;
}

void store_log_redirect(store_log_sink *sink, void *arg)
{
    lock_acquire();
    redirect = sink;
    redirect_arg = arg;
    pthread_mutex_unlock(&lock);
}

void store_log_close(void)
{
    store_log_open(NULL, NULL);
}
