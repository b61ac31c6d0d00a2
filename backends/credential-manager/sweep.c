/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/credential-manager/sweep.h"

#include <string.h>

#include "backends/credential-manager/head.h"
#include "store/log.h"

struct sweeping {
    const struct turn *turn;
    char key[STORE_KEY_MAX + 1]; /* of the part before, and its revision that is in use */
    char used[TARGET_REVISION_SIZE];
    size_t removed;
};

/* Finds the revision whose parts are in use; "" for none. */
static enum store_err find_used(struct sweeping *sweeping, const char *key)
{
    struct head head = {0};
    enum store_err err;

    if (strcmp(sweeping->key, key) == 0)
        return STORE_OK;
    err = head_find(sweeping->turn, key, &head, NULL);
    if (err == STORE_NOT_FOUND) /* one wrong answer must not cost a value */
        err = head_find(sweeping->turn, key, &head, NULL);
    if (err != STORE_OK && err != STORE_NOT_FOUND)
        return err;
    memcpy(sweeping->key, key, strlen(key) + 1);
    sweeping->used[0] = '\0';
    if (err == STORE_OK && head.in_parts)
        memcpy(sweeping->used, head.comment.revision, sizeof sweeping->used);
    return STORE_OK;
}

static enum store_err sweep_one(void *arg, const struct cred *cred)
{
    struct sweeping *sweeping = arg;
    char key[STORE_KEY_MAX + 1];
    char revision[TARGET_REVISION_SIZE];
    enum store_err err;

    if (!target_parse_part(cred->target, key, revision))
        return STORE_OK; /* another program's */
    TRY(find_used(sweeping, key));
    if (strcmp(revision, sweeping->used) == 0)
        return STORE_OK;
    err = cred_remove(sweeping->turn, key, cred->target);
    sweeping->removed += err == STORE_OK;
    return err == STORE_NOT_FOUND ? STORE_OK : err;
}

/* Its faults are not those of the operation, so they are one warning. */
static bool sweep_parts(const struct turn *turn, const char *key, size_t *removed)
{
    struct store_health fault = {0};
    struct turn quiet = *turn;
    struct sweeping sweeping = {.turn = &quiet};
    char prefix[TARGET_SIZE];

    quiet.health = &fault;
    target_format_parts(key, prefix);
    if (cred_list(&quiet, "", prefix, sweep_one, &sweeping) != STORE_OK)
        store_log(STORE_LOG_WARNING,
                  "credential-manager: parts of replaced values stay until a later change: %s; %s",
                  fault.text, fault.remedy);
    *removed = sweeping.removed;
    return fault.err == STORE_OK;
}

void sweep_key(const struct turn *turn, const char *key)
{
    size_t removed;

    if (!sweep_parts(turn, key, &removed))
        atomic_store(&turn->ctx->swept, false);
}

void sweep_if_due(const struct turn *turn)
{
    size_t removed;

    if (atomic_load(&turn->ctx->swept))
        return;
    atomic_store(&turn->ctx->swept, sweep_parts(turn, NULL, &removed));
    if (removed > 0)
        store_log(STORE_LOG_INFO,
                  "credential-manager: removed %zu parts of values that an interrupted write or "
                  "removal had left",
                  removed);
}
