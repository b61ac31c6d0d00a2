/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/credential-manager/head.h"

#include <inttypes.h>
#include <stdio.h>

#include "backends/credential-manager/parts.h"

static const struct status empty = {STORE_CORRUPT, "the credential is empty",
                                    "write the secret again"};

struct head head_of(const struct cred *cred)
{
    struct head head = {.written_ns = cred->written_ns};

    comment_parse(cred->comment, &head.comment);
    head.in_parts = cred->len == 0 && parts_count(head.comment.bytes) > 0 &&
                    head.comment.bytes <= HEAD_VALUE_MAX;
    return head;
}

/* Windows' own time finds the changes of other programs, which keep the comment as it is, or make
 * one of their own. */
void head_describe(const struct head *head, struct store_record *out)
{
    out->created_ns = head->comment.created_ns;
    out->updated_ns =
        head->comment.updated_ns > head->written_ns ? head->comment.updated_ns : head->written_ns;
    snprintf(out->version, sizeof out->version, "%" PRIx64 ".%s", (uint64_t)head->written_ns,
             head->comment.revision);
}

struct finding {
    struct head *head;
    struct store_secret *value;
};

static enum store_err find_one(void *arg, const struct cred *cred)
{
    struct finding *finding = arg;

    *finding->head = head_of(cred);
    if (finding->value == NULL || cred->len == 0)
        return STORE_OK;
    return store_secret_set(finding->value, cred->bytes, cred->len);
}

enum store_err head_find(const struct turn *turn, const char *key, struct head *out,
                         struct store_secret *value)
{
    struct finding finding = {.head = out, .value = value};
    char target[TARGET_SIZE];

    target_format(key, target);
    TRY(cred_read(turn, key, target, find_one, &finding));
    if (value == NULL || value->len > 0)
        return STORE_OK;
    return out->in_parts ? parts_read(turn, key, out->comment.revision, out->comment.bytes, value)
                         : status_report_as(&empty, key, turn->health);
}

enum store_err head_write(const struct turn *turn, const char *key, const struct comment *comment,
                          const struct store_secret *value)
{
    bool in_parts = parts_count(value->len) > 0;
    char target[TARGET_SIZE];
    char text[COMMENT_SIZE];

    target_format(key, target);
    comment_format(comment, text);
    return cred_write(turn, key, target, text, value->data, in_parts ? 0 : value->len);
}
