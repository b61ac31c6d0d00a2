/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/credential-manager/parts.h"

#include <stdio.h>
#include <string.h>

static const struct status missing = {STORE_CORRUPT, "a part of the value is missing or damaged",
                                      "write the secret again"};

unsigned parts_count(size_t len)
{
    return len <= CRED_BYTES_MAX ? 0 : (unsigned)((len - 1) / CRED_BYTES_MAX + 1);
}

/* The length of a part; numbers begin with 1. */
static size_t part_len(size_t len, unsigned number)
{
    size_t rest = len - (number - 1) * CRED_BYTES_MAX;

    return rest < CRED_BYTES_MAX ? rest : CRED_BYTES_MAX;
}

enum store_err parts_write(const struct turn *turn, const char *key,
                           const char revision[TARGET_REVISION_SIZE],
                           const struct store_secret *value)
{
    unsigned count = parts_count(value->len);
    char target[TARGET_SIZE];
    char comment[COMMENT_SIZE];

    for (unsigned i = 1; i <= count; i++) {
        target_format_part(key, revision, i, target);
        snprintf(comment, sizeof comment, "sideseat part %u of %u", i, count);
        TRY(cred_write(turn, key, target, comment, value->data + (i - 1) * CRED_BYTES_MAX,
                       part_len(value->len, i)));
    }
    return STORE_OK;
}

struct reading {
    unsigned char *to;
    size_t len;
};

static enum store_err copy_part(void *arg, const struct cred *cred)
{
    struct reading *reading = arg;

    if (cred->len != reading->len)
        return STORE_CORRUPT;
    memcpy(reading->to, cred->bytes, cred->len);
    return STORE_OK;
}

enum store_err parts_read(const struct turn *turn, const char *key,
                          const char revision[TARGET_REVISION_SIZE], size_t len,
                          struct store_secret *out)
{
    char target[TARGET_SIZE];
    unsigned char *bytes;

    TRY(store_secret_resize(out, len, &bytes));
    for (unsigned i = 1; i <= parts_count(len); i++) {
        struct reading reading = {bytes + (i - 1) * CRED_BYTES_MAX, part_len(len, i)};
        enum store_err err;

        target_format_part(key, revision, i, target);
        err = cred_read(turn, key, target, copy_part, &reading);
        if (err == STORE_NOT_FOUND || err == STORE_CORRUPT) /* the secret itself exists */
            err = status_report_as(&missing, key, turn->health);
        TRY(err);
    }
    return STORE_OK;
}
