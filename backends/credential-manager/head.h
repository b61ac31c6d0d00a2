/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_CREDENTIAL_MANAGER_HEAD_H
#define BACKENDS_CREDENTIAL_MANAGER_HEAD_H

#include "backends/credential-manager/cred.h"

/* The secret's own credential, which alone decides whether the secret exists and with which value.
 * Another program may have made or changed it. */

/* The longest value: the module's limit, in 410 parts. */
#define HEAD_VALUE_MAX ((size_t)1024 * 1024)

struct head {
    struct comment comment;
    int64_t written_ns;
    bool in_parts; /* else the value is in the credential */
};

/* The head of a credential. */
struct head head_of(const struct cred *cred);

/* Fills in the record's times and version. */
void head_describe(const struct head *head, struct store_record *out);

/* Finds the head of a secret; its value goes to `value` unless that is NULL. NOT_FOUND; CORRUPT for
 * a value that is empty or lacks a part. */
enum store_err head_find(const struct turn *turn, const char *key, struct head *out,
                         struct store_secret *value) STORE_CHECKED;

/* Makes or replaces the head. The parts of a long value are there already. */
enum store_err head_write(const struct turn *turn, const char *key, const struct comment *comment,
                          const struct store_secret *value) STORE_CHECKED;

#endif
