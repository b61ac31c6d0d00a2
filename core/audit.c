/* SPDX-License-Identifier: Apache-2.0 */
#include "store/audit.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/audit_line.h"
#include "core/audit_target.h"
#include "core/pin.h"
#include "platform/program.h"
#include "store/log.h"
#include "store/thread.h"
#include "store/time.h"
#include "store/utf8.h"

/* How long closing waits for the target. */
#define CLOSING_NS STORE_TIME_S

/* How long the log does not repeat that the queue was full. */
#define QUIET_NS (10 * STORE_TIME_S)

struct store_audit {
    struct store_audit *next;
    struct store_audit_process self;
    bool required;
    atomic_bool failing; /* the target has not taken the last lines */
    atomic_bool pinned;  /* the thread's code stays mapped, or the first use is seeing to it */

    pthread_mutex_t lock; /* guards the members below; never held during a write */
    pthread_cond_t work;  /* there is something to write, or the audit ends */
    pthread_cond_t done;  /* everything is written, or the thread ends */
    struct audit_queue queue;
    uint64_t dropped; /* since the last line that says so */
    bool started;     /* the thread */
    bool writing;
    bool ending;
    bool ended;
    bool left; /* the thread frees the audit */
    pthread_t thread;

    /* the thread's own */
    struct audit_lines *lines;
    struct audit_target target;
    struct audit_queue taken;
    int64_t quiet_until_ns;
    char words[]; /* the target's */
};

void store_audit_process_find(pid_t pid, uid_t uid, struct store_audit_process *out)
{
    *out = (struct store_audit_process){.pid = pid, .uid = uid};
    platform_program_of(pid, out->program, sizeof out->program);
    store_utf8_defuse(out->program);
}

static void audit_free(struct store_audit *audit)
{
    audit_target_close(&audit->target);
    audit_lines_free(audit->lines);
    audit_queue_free(&audit->queue);
    audit_queue_free(&audit->taken);
    pthread_cond_destroy(&audit->work);
    pthread_cond_destroy(&audit->done);
    pthread_mutex_destroy(&audit->lock);
    free(audit);
}

/* Logs the beginning and the end of a time in which the target takes nothing. */
static void note_health(struct store_audit *audit, const char *wrong)
{
    bool failing = atomic_load(&audit->failing);

    if (wrong != NULL && !failing)
        store_log(STORE_LOG_ERROR,
                  "audit: cannot write to %s: %s; uses are not recorded until this is corrected",
                  audit->words, wrong);
    if (wrong == NULL && failing)
        store_log(STORE_LOG_WARNING, "audit: %s takes lines again", audit->words);
    atomic_store(&audit->failing, wrong != NULL);
}

/* Says in the target itself how many lines were dropped; the reason for a failure, or NULL. */
static const char *tell_dropped(struct store_audit *audit, uint64_t *dropped)
{
    const char *text;
    const char *wrong;
    size_t lost;
    size_t len;

    if (*dropped == 0)
        return NULL;
    text = audit_lines_dropped(audit->lines, store_time_now(), &audit->self, *dropped, &len);
    wrong = audit_target_write(&audit->target, text, len, 1, &lost);
    if (wrong != NULL)
        return wrong;
    if (store_time_monotonic() >= audit->quiet_until_ns) {
        audit->quiet_until_ns = store_time_monotonic() + QUIET_NS;
        store_log(STORE_LOG_WARNING, "audit: dropped %llu lines for %s; a line there says how many",
                  (unsigned long long)*dropped, audit->words);
    }
    *dropped = 0;
    return NULL;
}

/* Writes the taken uses, and adds those that are lost to `dropped`. */
static void write_taken(struct store_audit *audit, uint64_t *dropped)
{
    const char *wrong = audit_target_open(&audit->target);
    size_t at = 0;

    if (wrong == NULL)
        wrong = tell_dropped(audit, dropped);
    while (wrong == NULL && at < audit->taken.len) {
        size_t len;
        size_t count;
        size_t lost;
        const char *text = audit_lines_next(audit->lines, &audit->taken, &at, &len, &count);

        wrong = audit_target_write(&audit->target, text, len, count, &lost);
        *dropped += lost;
        audit->taken.count -= count;
    }
    *dropped += audit->taken.count; /* not tried any more */
    audit->taken.len = 0;
    audit->taken.count = 0;
    note_health(audit, wrong);
}

/* True if there is work: lines, or a number of dropped ones that the target would take. */
static bool has_work(const struct store_audit *audit)
{
    return audit->queue.count > 0 || (audit->dropped > 0 && !atomic_load(&audit->failing));
}

static void *run(void *arg)
{
    struct store_audit *audit = arg;
    bool left;

    pthread_mutex_lock(&audit->lock);
    for (;;) {
        struct audit_queue taken = audit->queue;
        uint64_t dropped = audit->dropped;

        if (!has_work(audit)) {
            audit->writing = false;
            pthread_cond_broadcast(&audit->done);
            if (audit->ending)
                break;
            pthread_cond_wait(&audit->work, &audit->lock);
            continue;
        }
        audit->queue = audit->taken;
        audit->taken = taken;
        audit->dropped = 0;
        audit->writing = true;
        pthread_mutex_unlock(&audit->lock);
        write_taken(audit, &dropped);
        pthread_mutex_lock(&audit->lock);
        audit->dropped += dropped;
    }
    audit->ended = true;
    left = audit->left;
    pthread_cond_broadcast(&audit->done);
    pthread_mutex_unlock(&audit->lock);
    if (left)
        audit_free(audit);
    return NULL;
}

/* Starts the thread. The audit is locked. */
static bool start(struct store_audit *audit)
{
    if (!audit->started)
        audit->started = store_thread_start(&audit->thread, run, audit);
    if (!audit->started)
        atomic_store(&audit->failing, true);
    return audit->started;
}

void store_audit_note(struct store_audit *audit, const struct store_audit_process *process,
                      const struct store_audit_use *use)
{
    int saved = errno;
    bool started;
    bool first_loss;

    if (audit == NULL)
        return;
    if (!atomic_exchange(&audit->pinned, true))
        store_pin();
    pthread_mutex_lock(&audit->lock);
    started = start(audit);
    first_loss = audit->dropped == 0;
    if (!started || !audit_queue_add(&audit->queue, store_time_now(),
                                     process == NULL ? &audit->self : process, use))
        audit->dropped++;
    else if (!audit->writing)
        pthread_cond_signal(&audit->work);
    pthread_mutex_unlock(&audit->lock);
    if (!started && first_loss)
        store_log(STORE_LOG_ERROR, "audit: cannot start a thread; uses are not recorded");
    errno = saved;
}

bool store_audit_permits(struct store_audit *audit)
{
    return audit == NULL || !audit->required ||
           !atomic_load_explicit(&audit->failing, memory_order_relaxed);
}

/* Opens a required target at once, so that the first use already knows. */
static struct store_audit *audit_new(const char *target, bool required,
                                     enum store_audit_writer writer,
                                     const struct store_audit_process *self)
{
    size_t size = strlen(target) + 1;
    struct store_audit *audit = calloc(1, sizeof *audit + size);

    if (audit == NULL)
        return NULL;
    memcpy(audit->words, target, size);
    audit->self = *self;
    audit->required = required;
    pthread_mutex_init(&audit->lock, NULL);
    store_thread_cond_init(&audit->work);
    store_thread_cond_init(&audit->done);
    audit_target_init(&audit->target, audit->words);
    audit->lines = audit_lines_new(writer);
    if (audit->lines == NULL) {
        audit_free(audit);
        return NULL;
    }
    if (required)
        note_health(audit, audit_target_open(&audit->target));
    return audit;
}

enum store_err store_audits_get(struct store_audits *audits, const char *target, bool required,
                                enum store_audit_writer writer,
                                const struct store_audit_process *self, struct store_audit **out)
{
    struct store_audit *audit;

    *out = NULL;
    if (target == NULL)
        return STORE_OK;
    for (audit = audits->first; audit != NULL; audit = audit->next) {
        if (strcmp(audit->words, target) != 0 || audit->required != required)
            continue;
        *out = audit;
        return STORE_OK;
    }
    audit = audit_new(target, required, writer, self);
    if (audit == NULL)
        return store_no_memory("audit");
    audit->next = audits->first;
    audits->first = audit;
    *out = audit;
    return STORE_OK;
}

/* Waits until everything is written; the audit is locked. */
static void wait_written(struct store_audit *audit, int64_t deadline_ns)
{
    while (audit->started && !audit->ended && (audit->writing || has_work(audit)))
        if (!store_thread_wait(&audit->done, &audit->lock, deadline_ns))
            return;
}

void store_audits_flush(struct store_audits *audits, int64_t deadline_ns)
{
    for (struct store_audit *audit = audits->first; audit != NULL; audit = audit->next) {
        pthread_mutex_lock(&audit->lock);
        wait_written(audit, deadline_ns);
        pthread_mutex_unlock(&audit->lock);
    }
}

/* Ends the thread. If it does not end in time, it frees the audit itself. */
static void audit_close(struct store_audit *audit, int64_t deadline_ns)
{
    pthread_t thread = audit->thread;
    bool started;
    bool ended;
    uint64_t lost;

    pthread_mutex_lock(&audit->lock);
    audit->ending = true;
    pthread_cond_signal(&audit->work);
    while (audit->started && !audit->ended)
        if (!store_thread_wait(&audit->done, &audit->lock, deadline_ns))
            break;
    started = audit->started;
    ended = audit->ended;
    audit->left = started && !ended;
    lost = audit->dropped + (audit->left ? audit->queue.count : 0);
    pthread_mutex_unlock(&audit->lock);
    if (lost > 0 || (started && !ended))
        store_log(STORE_LOG_ERROR, "audit: the last %llu lines were not written",
                  (unsigned long long)lost);
    if (started && !ended) {
        pthread_detach(thread);
        return;
    }
    if (started)
        pthread_join(thread, NULL);
    audit_free(audit);
}

void store_audits_close(struct store_audits *audits)
{
    int64_t deadline_ns = store_time_monotonic() + CLOSING_NS;

    while (audits->first != NULL) {
        struct store_audit *audit = audits->first;
        audits->first = audit->next;
        audit_close(audit, deadline_ns);
    }
}
