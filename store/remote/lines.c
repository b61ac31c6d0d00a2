/* SPDX-License-Identifier: Apache-2.0 */
#include "store/remote/lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/line_shape.h"
#include "store/time.h"

#define LINES_MAX 64
#define LINE_SIZE 1024 /* the longest line of store_log */
#define KINDS_MAX 16

/* How long a bulk read does not repeat a line of another one. */
#define QUIET_NS (5 * STORE_TIME_S)

/* A line that was passed on, without its keys. */
struct kind {
    uint64_t shape;
    int64_t until_ns;
    size_t more; /* similar lines that were dropped since */
};

struct queue {
    size_t count;
    size_t lost; /* because the queue was full */
    struct line {
        enum store_log_level level;
        uint64_t shape;
        size_t more; /* similar lines */
        char text[LINE_SIZE];
    } lines[LINES_MAX];
    size_t next_kind;
    struct kind kinds[KINDS_MAX];
};

static _Thread_local struct queue *thread_queue;
static _Thread_local bool thread_quiet;

static void add(struct queue *queue, enum store_log_level level, const char *text)
{
    uint64_t shape = store_line_shape(text);
    struct line *line;

    for (size_t i = 0; i < queue->count; i++) {
        if (queue->lines[i].shape != shape || queue->lines[i].level != level)
            continue;
        queue->lines[i].more++;
        return;
    }
    if (queue->count == LINES_MAX) {
        queue->lost++;
        return;
    }
    line = &queue->lines[queue->count++];
    line->level = level;
    line->shape = shape;
    line->more = 0;
    snprintf(line->text, sizeof line->text, "%s", text);
}

static void sink(void *arg, enum store_log_level level, const char *text)
{
    (void)arg;
    if (thread_quiet)
        return;
    if (thread_queue != NULL)
        add(thread_queue, level, text);
    else
        store_log_pass(level, text);
}

void lines_redirect(void)
{
    store_log_redirect(sink, NULL);
}

static void put_line(struct frame_out *out, enum store_log_level level, const char *text)
{
    frame_begin(out, FRAME_LOG);
    frame_put_u8(out, (uint8_t)level);
    frame_put_text(out, text);
    (void)!frame_end(out); /* if memory is short, the line is lost, not the answer */
}

/* The kind of a line; a new one if it is not known yet. */
static struct kind *kind_of(struct queue *queue, uint64_t shape)
{
    struct kind *kind;

    for (size_t i = 0; i < KINDS_MAX; i++)
        if (queue->kinds[i].shape == shape)
            return &queue->kinds[i];
    kind = &queue->kinds[queue->next_kind++ % KINDS_MAX];
    *kind = (struct kind){.shape = shape};
    return kind;
}

static void move_line(struct queue *queue, const struct line *line, bool bulk,
                      struct frame_out *out)
{
    struct kind *kind = kind_of(queue, line->shape);
    int64_t now = store_time_monotonic();
    char text[LINE_SIZE + 64];
    size_t more;

    if (bulk && now < kind->until_ns) {
        kind->more += 1 + line->more;
        return;
    }
    more = kind->more + line->more;
    *kind = (struct kind){.shape = line->shape, .until_ns = now + QUIET_NS};
    if (more == 0) {
        put_line(out, line->level, line->text);
        return;
    }
    snprintf(text, sizeof text, "%s (and %zu more like this)", line->text, more);
    put_line(out, line->level, text);
}

void lines_dequeue(struct frame_out *out, bool bulk)
{
    struct queue *queue = thread_queue;
    char lost[64];

    if (queue == NULL)
        return;
    for (size_t i = 0; i < queue->count; i++)
        move_line(queue, &queue->lines[i], bulk, out);
    if (queue->lost > 0) {
        snprintf(lost, sizeof lost, "store: %zu more lines were lost", queue->lost);
        put_line(out, STORE_LOG_WARNING, lost);
    }
    queue->count = 0;
    queue->lost = 0;
}

void lines_thread_begin(void)
{
    thread_queue = calloc(1, sizeof *thread_queue);
}

void lines_thread_end(void)
{
    free(thread_queue);
    thread_queue = NULL;
}

void lines_quiet(bool quiet)
{
    thread_quiet = quiet;
}
