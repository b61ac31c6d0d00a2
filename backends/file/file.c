/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/file/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "backends/file/state.h"
#include "platform/path.h"
#include "platform/remedy.h"
#include "store/log.h"
#include "store/scope.h"
#include "store/thread.h"
#include "store/time.h"

static void ctx_init(struct store_ctx *ctx)
{
    for (int i = 0; i < FILE_SHARDS; i++)
        pthread_mutex_init(&ctx->shards[i].lock, NULL);
    store_timed_lock_init(&ctx->loading);
    pthread_mutex_init(&ctx->queue_lock, NULL);
    store_thread_cond_init(&ctx->queue_changed);
    store_thread_cond_init(&ctx->queue_grown);
}

static enum store_err file_open(struct store_ctx **out, const struct store_conf *conf)
{
    const char *folder = store_conf_data_dir(conf);
    struct store_ctx *ctx;
    enum store_err err;

    if (folder == NULL || !platform_path_is_absolute(folder)) {
        store_log(STORE_LOG_ERROR, "file: secrets need a home folder, and there is none; set "
                                   "SIDESEAT_DATA_DIR to the absolute path of a folder");
        return STORE_BAD_CONF;
    }
    ctx = store_thread_calloc(_Alignof(struct store_ctx), 1, sizeof *ctx);
    if (ctx == NULL)
        return STORE_NO_MEMORY;
    err = file_place_init(&ctx->place, folder);
    if (err != STORE_OK) {
        store_thread_free(ctx);
        return err;
    }
    ctx->timeout_ns = store_conf_number(conf, "timeout_ms") * STORE_TIME_MS;
    ctx->read_only = store_conf_read_only(conf, NULL);
    ctx_init(ctx);
    *out = ctx;
    return STORE_OK;
}

static void file_close(struct store_ctx *ctx)
{
    if (ctx == NULL)
        return;
    file_snapshot_drop(ctx->current);
    file_place_clear(&ctx->place);
    for (int i = 0; i < FILE_SHARDS; i++)
        pthread_mutex_destroy(&ctx->shards[i].lock);
    store_timed_lock_destroy(&ctx->loading);
    pthread_mutex_destroy(&ctx->queue_lock);
    pthread_cond_destroy(&ctx->queue_changed);
    pthread_cond_destroy(&ctx->queue_grown);
    store_thread_free(ctx);
}

static int64_t deadline(const struct store_ctx *ctx)
{
    return store_time_monotonic() + ctx->timeout_ns;
}

/* Logs the reason of a failed read, after the lock was released. */
struct complaint {
    bool damaged;          /* the record is damaged, not the file */
    bool twice;            /* in that there are two */
    struct file_mark mark; /* with a mark: the missing record may have been lost */
};

/* Reads a key of a snapshot. */
static enum store_err read_from(const struct file_snapshot *snapshot, const char *key,
                                struct store_record *out, struct complaint *complaint)
{
    const struct file_key *found;
    enum store_err err;

    TRY(snapshot->err);
    found = file_keys_find(snapshot->document.keys, key);
    err = file_document_extract(&snapshot->document, found, true, out);
    if (err != STORE_CORRUPT)
        return err;
    complaint->damaged = found != NULL;
    complaint->twice = found != NULL && found->twice;
    if (found == NULL)
        complaint->mark = snapshot->document.mark;
    return err;
}

/* The path of nearly every read: the file has not changed. False if it has. */
static bool read_current(struct store_ctx *ctx, const char *key, struct store_record *out,
                         enum store_err *err, struct complaint *complaint)
{
    struct file_identity now;
    pthread_mutex_t *lock;
    bool current;

    file_place_stat(&ctx->place, &now);
    lock = file_state_lock(ctx);
    current = file_snapshot_is_of(ctx->current, &now);
    if (current)
        *err = read_from(ctx->current, key, out, complaint);
    pthread_mutex_unlock(lock);
    return current;
}

static enum store_err file_read(struct store_ctx *ctx, const char *key, struct store_record *out)
{
    struct file_snapshot *snapshot;
    enum store_err err;
    struct complaint complaint;

    complaint.damaged = complaint.twice = complaint.mark.stands = false;
    if (!read_current(ctx, key, out, &err, &complaint)) {
        err = file_current_get(ctx, deadline(ctx), &snapshot);
        if (err == STORE_OK) {
            err = read_from(snapshot, key, out, &complaint);
            file_snapshot_drop(snapshot);
        }
    }
    if (err == STORE_OK)
        return STORE_OK;
    if (complaint.damaged)
        file_record_complain(key, complaint.twice);
    if (complaint.mark.stands)
        file_mark_complain(&complaint.mark, key);
    store_record_clear(out);
    return err;
}

/* Delivers one secret of a listing: only the key of a damaged one, which is not absent. */
static enum store_err deliver(struct file_snapshot *snapshot, const struct file_key *key,
                              bool complain, store_each_fn *each, void *arg)
{
    AUTO_RECORD record = {0};
    enum store_err err = file_document_extract(&snapshot->document, key, false, &record);

    if (err == STORE_OK)
        return each(arg, key->name, STORE_OK, &record);
    if (err != STORE_CORRUPT)
        return err;
    if (complain)
        file_record_complain(key->name, key->twice);
    return each(arg, key->name, STORE_OK, NULL);
}

static enum store_err list_from(struct file_snapshot *snapshot, const char *prefix,
                                store_each_fn *each, void *arg)
{
    struct file_keys *keys = snapshot->document.keys;
    bool complain = !atomic_load_explicit(&snapshot->complained, memory_order_relaxed);
    const struct file_key *const *first;
    size_t count;

    if (prefix[0] == '\0') {
        for (size_t i = 0; i < keys->count; i++)
            TRY(deliver(snapshot, &keys->list[i], complain, each, arg));
        /* Only after a full listing: that of a part has not named all. */
        atomic_store_explicit(&snapshot->complained, true, memory_order_relaxed);
        return STORE_OK;
    }
    TRY(file_keys_range(keys, prefix, &first, &count));
    for (size_t i = 0; i < count; i++)
        TRY(deliver(snapshot, first[i], complain, each, arg));
    return STORE_OK;
}

/* Logs what a listing may lack, once for each state of the file. */
static void tell_of_mark(const struct store_ctx *ctx, struct file_snapshot *snapshot)
{
    struct file_trouble trouble;

    if (!snapshot->document.mark.stands || atomic_exchange(&snapshot->mark_told, true))
        return;
    file_mark_describe(&snapshot->document.mark, ctx->place.path, &trouble);
    store_log(STORE_LOG_WARNING, "file: %s; %s", trouble.why, trouble.remedy);
}

static enum store_err file_list(struct store_ctx *ctx, const char *prefix, uint64_t *generation,
                                store_each_fn *each, void *arg)
{
    struct file_snapshot *snapshot;
    enum store_err err;

    TRY(file_current_get(ctx, deadline(ctx), &snapshot));
    err = snapshot->err;
    if (err == STORE_OK)
        tell_of_mark(ctx, snapshot);
    if (err == STORE_OK && generation != NULL && *generation == snapshot->generation)
        err = STORE_UNCHANGED;
    if (err == STORE_OK)
        err = list_from(snapshot, prefix, each, arg);
    if (err == STORE_OK)
        store_scope_warn_unnamed("file", snapshot->document.keys->unnamed);
    if (err == STORE_OK && generation != NULL)
        *generation = snapshot->generation;
    file_snapshot_drop(snapshot);
    return err;
}

static enum store_err file_write(struct store_ctx *ctx, const char *key,
                                 const struct store_secret *value, const char *if_version,
                                 struct store_record *out)
{
    struct file_op op = {.key = key,
                         .value = value,
                         .if_version = if_version,
                         .out = out,
                         .deadline_ns = deadline(ctx)};

    if (out != NULL)
        store_record_clear(out);
    return file_commit(ctx, &op);
}

static enum store_err file_remove(struct store_ctx *ctx, const char *key, const char *if_version)
{
    struct file_op op = {.key = key, .if_version = if_version, .deadline_ns = deadline(ctx)};

    return file_commit(ctx, &op);
}

static enum store_err file_accept_loss(struct store_ctx *ctx)
{
    struct file_op op = {.accept_loss = true, .deadline_ns = deadline(ctx)};

    return file_commit(ctx, &op);
}

static void file_health(struct store_ctx *ctx, struct store_health *out)
{
    struct file_snapshot *snapshot;
    struct file_trouble trouble;

    *out = (struct store_health){.err = file_current_get(ctx, deadline(ctx), &snapshot)};
    if (out->err != STORE_OK) {
        snprintf(out->text, sizeof out->text, "%.200s could not be read in time", ctx->place.path);
        snprintf(out->remedy, sizeof out->remedy, "check its disk");
        return;
    }
    out->err = snapshot->err;
    if (out->err != STORE_OK) {
        memcpy(out->text, snapshot->trouble.why, sizeof out->text);
        memcpy(out->remedy, snapshot->trouble.remedy, sizeof out->remedy);
    } else if (snapshot->document.mark.stands) {
        out->err = STORE_CORRUPT;
        file_mark_describe(&snapshot->document.mark, ctx->place.path, &trouble);
        memcpy(out->text, trouble.why, sizeof out->text);
        memcpy(out->remedy, trouble.remedy, sizeof out->remedy);
    } else if (snapshot->identity.error == ENOENT) {
        snprintf(out->text, sizeof out->text, "%.200s does not exist yet", ctx->place.path);
    } else {
        snprintf(out->text, sizeof out->text, "%zu secrets in %.200s, in plain text",
                 snapshot->document.keys->count, ctx->place.path);
        store_scope_tell_unnamed(out->text, sizeof out->text, snapshot->document.keys->unnamed);
    }
    file_snapshot_drop(snapshot);
}

static void tell_mode(const char *what, const char *path, mode_t wanted, store_finding_fn *each,
                      void *arg)
{
    struct platform_remedy how;
    struct stat st;
    char remedy[256] = "";
    char change[16];

    if (stat(path, &st) != 0) {
        store_finding_tell(each, arg, what, STORE_OK, "", "%.200s: %s", path, strerror(errno));
        return;
    }
    snprintf(change, sizeof change, "%o", (unsigned)wanted);
    if ((st.st_mode & 0777 & ~wanted) != 0)
        snprintf(remedy, sizeof remedy, "close it to others with: %.200s",
                 platform_remedy_rights(&how, change, path));
    store_finding_tell(each, arg, what, remedy[0] == '\0' ? STORE_OK : STORE_DENIED, remedy,
                       "%.200s has mode %04o and user %lu", path, (unsigned)(st.st_mode & 07777),
                       (unsigned long)st.st_uid);
}

/* For doctor: the rights to the folder and the file. */
static void file_examine(struct store_ctx *ctx, store_finding_fn *each, void *arg)
{
    tell_mode("folder", ctx->place.folder, 0700, each, arg);
    tell_mode("file", ctx->place.path, 0600, each, arg);
}

const struct store_backend file_backend = {
    .open = file_open,
    .close = file_close,
    .read = file_read,
    .list = file_list,
    .write = file_write,
    .remove = file_remove,
    .accept_loss = file_accept_loss,
    .health = file_health,
    .examine = file_examine,
};
