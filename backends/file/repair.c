/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/file/repair.h"

#include <stdio.h>
#include <time.h>

#include "backends/file/publish.h"
#include "backends/file/salvage.h"
#include "store/log.h"
#include "store/time.h"

/* A file that is not JSON must stay unchanged for this long before it is replaced: a program may be
 * writing it in place. */
#define DAMAGED_AFTER_NS (500 * STORE_TIME_MS)
#define DAMAGED_PAUSE_NS (20 * STORE_TIME_MS)

/* Waits until the file has not changed for a while. */
static enum store_err wait_for_rest(struct store_ctx *ctx, int64_t deadline_ns,
                                    const struct file_snapshot *base)
{
    const struct timespec pause = {.tv_nsec = DAMAGED_PAUSE_NS};
    struct file_identity now = base->identity;
    int64_t begun = store_time_monotonic();

    while (store_time_now() - base->identity.mtime_ns < DAMAGED_AFTER_NS &&
           store_time_monotonic() - begun < DAMAGED_AFTER_NS &&
           file_identity_equal(&now, &base->identity)) {
        if (store_time_monotonic() > deadline_ns)
            return STORE_CORRUPT;
        nanosleep(&pause, NULL);
        file_place_stat(&ctx->place, &now);
    }
    return STORE_OK;
}

/* Reads the file as it was when `base` was made, byte for byte. */
static enum store_err read_again(struct store_ctx *ctx, const struct file_snapshot *base,
                                 struct store_secret *text)
{
    struct file_identity now;
    struct file_trouble trouble;
    enum store_err err = file_place_read(&ctx->place, text, &now, &trouble);

    if (err == STORE_NO_MEMORY)
        return err;
    return err == STORE_OK && file_identity_equal(&now, &base->identity) ? STORE_OK
                                                                         : STORE_CONFLICT;
}

/* Puts a text of ours in the file's place. */
static enum store_err put_text(struct store_ctx *ctx, const struct file_lock *lock,
                               int64_t deadline_ns, const struct file_identity *expected,
                               const struct store_secret *text)
{
    struct file_snapshot *next = file_snapshot_new();
    char why[128];
    bool parses;
    enum store_err err;

    if (next == NULL)
        return STORE_NO_MEMORY;
    err = file_document_read(&next->document, text, &parses, why);
    if (err == STORE_OK)
        return file_publish(ctx, lock, deadline_ns, expected, next);
    file_snapshot_drop(next);
    return err;
}

/* Keeps the damaged file under another name; copies it if a second name is impossible. */
static enum store_err keep_damaged(struct store_ctx *ctx, const struct file_lock *lock,
                                   const struct store_secret *text, struct file_identity *expected,
                                   char backup[FILE_ASIDE_SIZE])
{
    char suffix[64];
    enum store_err err;

    snprintf(suffix, sizeof suffix, "corrupt.%lld", (long long)time(NULL));
    err = file_link_aside(&ctx->place, lock, suffix, expected, backup);
    if (err != STORE_UNSUPPORTED)
        return err;
    file_place_stat(&ctx->place, expected); /* its mode may be another one */
    return file_set_aside(&ctx->place, lock, text, suffix, backup);
}

enum store_err file_repair_damaged(struct store_ctx *ctx, const struct file_lock *lock,
                                   int64_t deadline_ns, const struct file_snapshot *base)
{
    AUTO_SECRET damaged = {0};
    AUTO_SECRET fresh = {0};
    struct file_identity expected = base->identity;
    char backup[FILE_ASIDE_SIZE];
    size_t saved = 0;
    enum store_err err;

    TRY(wait_for_rest(ctx, deadline_ns, base));
    TRY(read_again(ctx, base, &damaged));
    TRY(keep_damaged(ctx, lock, &damaged, &expected, backup));
    err = file_salvage(&damaged, backup, deadline_ns, &fresh, &saved);
    if (err == STORE_OK)
        err = put_text(ctx, lock, deadline_ns, &expected, &fresh);
    if (err != STORE_OK && err != STORE_UNAVAILABLE) {
        file_set_aside_undo(lock, backup);
        return err;
    }
    store_log(STORE_LOG_ERROR,
              "file: %s; it is kept as %s/%s, and %s begins anew with the %zu secrets that could "
              "be saved; others may be in there: look and set them, or accept the loss with: "
              "sideseat-secrets accept-loss",
              base->trouble.why, ctx->place.folder, backup, FILE_NAME, saved);
    return err;
}

enum store_err file_repair_end_mark(struct store_ctx *ctx, const struct file_lock *lock,
                                    int64_t deadline_ns, const struct file_snapshot *base)
{
    AUTO_SECRET text = {0};
    struct file_mark mark = base->document.mark;

    TRY(file_mark_end(&base->document.text, &text));
    TRY(put_text(ctx, lock, deadline_ns, &base->identity, &text));
    store_log(STORE_LOG_WARNING,
              "file: the loss is accepted: a secret that %s lacks counts as absent from now on; "
              "the damaged file is still there as %s, with secrets in it: delete it when it is of "
              "no more use",
              ctx->place.path, mark.backups);
    return STORE_OK;
}

void file_repair_keep_v1(struct store_ctx *ctx, const struct file_lock *lock,
                         const struct file_snapshot *base, char name[FILE_ASIDE_SIZE])
{
    AUTO_SECRET text = {0};

    if (read_again(ctx, base, &text) != STORE_OK ||
        file_set_aside(&ctx->place, lock, &text, "v1", name) != STORE_OK)
        name[0] = '\0';
    else
        store_log(STORE_LOG_WARNING, "file: the old content of %s is kept as %s/%s",
                  ctx->place.path, ctx->place.folder, name);
}
