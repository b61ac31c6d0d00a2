/* SPDX-License-Identifier: Apache-2.0 */
#include "lines.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINES_MAX 64
#define LINE_SIZE 1024 /* store_log writes no longer ones */

struct queue {
    size_t count;
    size_t lost; /* for want of room */
    struct line {
        enum store_log_level level;
        char text[LINE_SIZE];
    } lines[LINES_MAX];
};

static struct queue process_queue;
static pthread_mutex_t process_lock = PTHREAD_MUTEX_INITIALIZER; /* for process_queue */
static _Thread_local struct queue *thread_queue;
static bool only_threads;

static void add(struct queue *queue, enum store_log_level level, const char *text)
{
    struct line *line;

    if (queue->count == LINES_MAX) {
        queue->lost++;
        return;
    }
    line = &queue->lines[queue->count++];
    line->level = level;
    snprintf(line->text, sizeof line->text, "%s", text);
}

static void sink(void *arg, enum store_log_level level, const char *text)
{
    (void)arg;
    if (thread_queue != NULL) {
        add(thread_queue, level, text);
        return;
    }
    if (only_threads) {
        fprintf(stderr, "sideseat-store: %s\n", text);
        return;
    }
    pthread_mutex_lock(&process_lock);
    add(&process_queue, level, text);
    pthread_mutex_unlock(&process_lock);
}

void lines_redirect(bool shared)
{
    only_threads = shared;
    store_log_redirect(sink, NULL);
}

static void put_line(struct frame_out *out, enum store_log_level level, const char *text)
{
    frame_begin(out, FRAME_LOG);
    frame_put_u8(out, (uint8_t)level);
    frame_put_text(out, text);
    (void)!frame_end(out); /* without memory the line is lost, and the answer goes on */
}

static void move_all(struct queue *queue, struct frame_out *out)
{
    char lost[64];

    for (size_t i = 0; i < queue->count; i++)
        put_line(out, queue->lines[i].level, queue->lines[i].text);
    if (queue->lost > 0) {
        snprintf(lost, sizeof lost, "store: %zu more lines were lost", queue->lost);
        put_line(out, STORE_LOG_WARNING, lost);
    }
    queue->count = 0;
    queue->lost = 0;
}

void lines_take(struct frame_out *out)
{
    if (thread_queue != NULL) {
        move_all(thread_queue, out);
        return;
    }
    if (only_threads)
        return;
    pthread_mutex_lock(&process_lock);
    move_all(&process_queue, out);
    pthread_mutex_unlock(&process_lock);
}

void lines_thread_begin(void)
{
    if (only_threads)
        thread_queue = calloc(1, sizeof *thread_queue);
}

void lines_thread_end(void)
{
    free(thread_queue);
    thread_queue = NULL;
}
