/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/credential-manager/change.h"

#include <stdio.h>
#include <string.h>

#include "backends/credential-manager/head.h"
#include "backends/credential-manager/parts.h"
#include "backends/credential-manager/sweep.h"
#include "platform/system.h"
#include "store/log.h"
#include "store/time.h"

static const struct status no_random = {STORE_FAILED, "Windows gives no random bytes",
                                        "report it with the version of Windows"};
static const struct status removed = {
    STORE_UNAVAILABLE, "another program has just removed the credential that was written",
    "find that program, and write the secret again"};

/* CONFLICT or NOT_FOUND unless the secret has the version that the change asks for; `now` NULL: it
 * is absent. */
static enum store_err compare(const char *if_version, const struct head *now)
{
    struct store_record record = {0};

    if (if_version != NULL && now != NULL)
        head_describe(now, &record);
    return store_version_check(if_version, now != NULL, record.version);
}

/* The comment of a new value; `now` NULL: the secret is absent. */
static enum store_err make_comment(const struct turn *turn, const char *key, const struct head *now,
                                   size_t len, struct comment *out)
{
    unsigned char random[(TARGET_REVISION_SIZE - 1) / 2];

    if (platform_random(random, sizeof random, true) != sizeof random)
        return status_report_as(&no_random, key, turn->health);
    *out = (struct comment){.updated_ns = store_time_now(), .bytes = len};
    out->created_ns = out->updated_ns;
    for (size_t i = 0; i < sizeof random; i++)
        snprintf(out->revision + 2 * i, 3, "%02x", random[i]);
    if (now != NULL) {
        struct store_record record = {0};

        head_describe(now, &record);
        out->created_ns = record.created_ns;
        if (out->updated_ns <= record.updated_ns)
            out->updated_ns = record.updated_ns + 1;
    }
    return STORE_OK;
}

/* True if the secret has this revision; any other answer changes nothing. */
static bool is_written(const struct turn *turn, const char *key, const struct comment *comment)
{
    struct store_health ignored;
    struct turn quiet = *turn;
    struct head head;

    quiet.health = &ignored;
    return head_find(&quiet, key, &head, NULL) == STORE_OK &&
           strcmp(head.comment.revision, comment->revision) == 0;
}

/* Reads the times and the version that the write has made. The write is done by then, so an error
 * says only that its outcome is not known. */
static enum store_err tell(const struct turn *turn, const char *key, struct store_record *out)
{
    struct store_record record = {0};
    struct head head;
    enum store_err err;

    if (out == NULL)
        return STORE_OK;
    err = head_find(turn, key, &head, NULL);
    if (err == STORE_NOT_FOUND)
        return status_report_as(&removed, key, turn->health);
    if (err != STORE_OK)
        return STORE_UNAVAILABLE;
    head_describe(&head, &record);
    store_record_share(out, &record);
    return STORE_OK;
}

enum store_err change_write(const struct turn *turn, const char *key,
                            const struct store_secret *value, const char *if_version,
                            struct store_record *out)
{
    struct comment comment;
    struct head now = {0};
    enum store_err err;
    bool exists;

    if (value->len > HEAD_VALUE_MAX) {
        store_log(STORE_LOG_ERROR,
                  "credential-manager: the value of %s has %zu bytes; the most is %zu", key,
                  value->len, HEAD_VALUE_MAX);
        return STORE_TOO_BIG;
    }
    TRY(cred_check_kept(turn));
    err = head_find(turn, key, &now, NULL);
    if (err != STORE_OK && err != STORE_NOT_FOUND)
        return err;
    exists = err == STORE_OK;
    TRY(compare(if_version, exists ? &now : NULL));
    TRY(make_comment(turn, key, exists ? &now : NULL, value->len, &comment));
    err = parts_write(turn, key, comment.revision, value);
    if (err == STORE_OK)
        err = head_write(turn, key, &comment, value);
    if (err != STORE_OK && is_written(turn, key, &comment)) /* only the answer was lost */
        err = STORE_OK;
    if (now.in_parts || parts_count(value->len) > 0)
        sweep_key(turn, key);
    return err == STORE_OK ? tell(turn, key, out) : err;
}

enum store_err change_remove(const struct turn *turn, const char *key, const char *if_version)
{
    char target[TARGET_SIZE];
    struct head now;

    TRY(head_find(turn, key, &now, NULL));
    TRY(compare(if_version, &now));
    target_format(key, target);
    TRY(cred_remove(turn, key, target));
    if (now.in_parts)
        sweep_key(turn, key);
    return STORE_OK;
}
