/* SPDX-License-Identifier: Apache-2.0 */
#include "core/audit_line.h"

#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_gen.h>

#include "core/json_memory.h"
#include "store/time.h"
#include "store/user.h"

/* The length at which a batch is written: few calls, and a full disk loses little. */
#define BATCH_SIZE ((size_t)64 * 1024)

/* More than the longest line, all of whose bytes are escaped. */
#define LINE_MAX_SIZE ((size_t)8 * 1024)

/* A use in the queue; its program, token and key follow. */
struct entry {
    int64_t time_ns;
    const char *call;
    const char *mechanism;
    const char *outcome;
    pid_t pid;
    uid_t uid;
    uint16_t program_len;
    uint16_t token_len;
    uint16_t key_len;
    bool stale;
};

struct audit_lines {
    struct json_memory memory;
    yajl_gen gen;
    size_t len; /* of the text so far */
    char text[BATCH_SIZE + LINE_MAX_SIZE];
    enum store_audit_writer writer;
    bool knows_user;
    uid_t uid; /* the account that `user` names */
    char user[64];
};

static size_t entry_size(const struct entry *entry)
{
    size_t size = sizeof *entry + entry->program_len + entry->token_len + entry->key_len;

    return (size + _Alignof(struct entry) - 1) & ~(_Alignof(struct entry) - 1);
}

bool audit_queue_add(struct audit_queue *queue, int64_t now_ns,
                     const struct store_audit_process *process, const struct store_audit_use *use)
{
    struct entry entry = {
        .time_ns = now_ns,
        .call = use->call,
        .mechanism = use->mechanism,
        .outcome = use->outcome,
        .pid = process->pid,
        .uid = process->uid,
        .program_len = (uint16_t)strlen(process->program),
        .token_len = (uint16_t)strlen(use->token),
        .key_len = (uint16_t)strlen(use->key),
        .stale = use->stale,
    };
    unsigned char *to;

    if (queue->bytes == NULL)
        queue->bytes = malloc(AUDIT_QUEUE_SIZE);
    if (queue->bytes == NULL || entry_size(&entry) > AUDIT_QUEUE_SIZE - queue->len)
        return false;
    to = queue->bytes + queue->len;
    memcpy(to, &entry, sizeof entry);
    to += sizeof entry;
    memcpy(to, process->program, entry.program_len);
    memcpy(to + entry.program_len, use->token, entry.token_len);
    memcpy(to + entry.program_len + entry.token_len, use->key, entry.key_len);
    queue->len += entry_size(&entry);
    queue->count++;
    return true;
}

void audit_queue_free(struct audit_queue *queue)
{
    free(queue->bytes);
    *queue = (struct audit_queue){0};
}

static void print(void *ctx, const char *text, size_t len)
{
    struct audit_lines *lines = ctx;

    if (len > sizeof lines->text - lines->len)
        return; /* cannot be: see LINE_MAX_SIZE */
    memcpy(lines->text + lines->len, text, len);
    lines->len += len;
}

/* Runs inside json_memory_run. With a print function yajl keeps no text of its own, so it
 * allocates only here. */
static void prepare(void *ctx)
{
    struct audit_lines *lines = ctx;
    yajl_alloc_funcs funcs = json_memory_funcs(&lines->memory);

    lines->gen = yajl_gen_alloc(&funcs);
    yajl_gen_config(lines->gen, yajl_gen_print_callback, print, lines);
}

struct audit_lines *audit_lines_new(enum store_audit_writer writer)
{
    struct audit_lines *lines = calloc(1, sizeof *lines);

    if (lines == NULL)
        return NULL;
    lines->writer = writer;
    if (json_memory_run(&lines->memory, prepare, lines) == STORE_OK)
        return lines;
    audit_lines_free(lines);
    return NULL;
}

void audit_lines_free(struct audit_lines *lines)
{
    if (lines == NULL)
        return;
    json_memory_drop(&lines->memory);
    free(lines);
}

static void put_bytes(yajl_gen gen, const char *name, const void *text, size_t len)
{
    yajl_gen_string(gen, (const unsigned char *)name, strlen(name));
    yajl_gen_string(gen, text, len);
}

static void put_text(yajl_gen gen, const char *name, const char *text)
{
    put_bytes(gen, name, text, strlen(text));
}

static void put_number(yajl_gen gen, const char *name, long long number)
{
    yajl_gen_string(gen, (const unsigned char *)name, strlen(name));
    yajl_gen_integer(gen, number);
}

/* The account's name; looked up once, as nearly all uses are by one user. */
static const char *user_name(struct audit_lines *lines, uid_t uid)
{
    if (!lines->knows_user || lines->uid != uid)
        (void)store_user_name(uid, lines->user, sizeof lines->user);
    lines->knows_user = true;
    lines->uid = uid;
    return lines->user;
}

/* Begins a line with the members that each one has. */
static void begin_line(struct audit_lines *lines, int64_t time_ns, pid_t pid, uid_t uid)
{
    char when[STORE_TIME_TEXT_SIZE];
    const char *user = user_name(lines, uid);

    store_time_format(time_ns / 1000 * 1000, when);
    yajl_gen_map_open(lines->gen);
    put_text(lines->gen, "time", when);
    put_text(lines->gen, "by", lines->writer == STORE_AUDIT_STORE ? "store" : "module");
    put_number(lines->gen, "uid", uid);
    if (user[0] != '\0')
        put_text(lines->gen, "user", user);
    put_number(lines->gen, "pid", pid);
}

static void end_line(struct audit_lines *lines)
{
    yajl_gen_map_close(lines->gen);
    yajl_gen_reset(lines->gen, "\n");
}

static size_t put_entry(struct audit_lines *lines, const unsigned char *from)
{
    const unsigned char *texts = from + sizeof(struct entry);
    struct entry entry;

    memcpy(&entry, from, sizeof entry);
    begin_line(lines, entry.time_ns, entry.pid, entry.uid);
    put_bytes(lines->gen, "program", texts, entry.program_len);
    texts += entry.program_len;
    put_bytes(lines->gen, "token", texts, entry.token_len);
    texts += entry.token_len;
    put_bytes(lines->gen, "key", texts, entry.key_len);
    put_text(lines->gen, "call", entry.call);
    if (entry.mechanism != NULL)
        put_text(lines->gen, "mechanism", entry.mechanism);
    put_text(lines->gen, "outcome", entry.outcome);
    yajl_gen_string(lines->gen, (const unsigned char *)"stale", 5);
    yajl_gen_bool(lines->gen, entry.stale);
    end_line(lines);
    return entry_size(&entry);
}

const char *audit_lines_next(struct audit_lines *lines, const struct audit_queue *queue, size_t *at,
                             size_t *len, size_t *count)
{
    lines->len = 0;
    *count = 0;
    while (*at < queue->len && lines->len < BATCH_SIZE) {
        *at += put_entry(lines, queue->bytes + *at);
        ++*count;
    }
    *len = lines->len;
    return lines->text;
}

const char *audit_lines_dropped(struct audit_lines *lines, int64_t now_ns,
                                const struct store_audit_process *process, uint64_t dropped,
                                size_t *len)
{
    lines->len = 0;
    begin_line(lines, now_ns, process->pid, process->uid);
    put_text(lines->gen, "program", process->program);
    put_text(lines->gen, "call", "audit");
    put_text(lines->gen, "outcome", "DROPPED");
    put_number(lines->gen, "dropped", (long long)dropped);
    end_line(lines);
    *len = lines->len;
    return lines->text;
}
