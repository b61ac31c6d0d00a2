/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_AWS_SECRET_VALUE_H
#define BACKENDS_AWS_SECRET_VALUE_H

#include "backends/aws/call.h"

/*
 * The result of GetSecretValue and BatchGetSecretValue for one secret. Threads: any number at once.
 */

/* Parses one: a record as sideseat writes it; any other text, or SecretBinary, is the value as it
 * is. The version is AWS's VersionId. `text` (may be NULL) gets the text of a record, else nothing.
 * CORRUPT, logged, if the secret is empty or a damaged record. */
enum store_err aws_value_parse(struct json_value reply, const char *key, struct store_record *out,
                               struct store_secret *text) STORE_CHECKED;

/* Tells whether a text in AWS is the fields of another program: a JSON object that is not a record.
 */
enum store_err aws_value_is_fields(const struct store_secret *text, bool *out) STORE_CHECKED;

/* Reads the current value of `key`. `text` as above. NOT_FOUND also for a secret that is scheduled
 * for deletion: then `deleted` (may be NULL) is set. NO_VALUE for one that is there without a
 * version labelled AWSCURRENT. Logs all errors but these two. */
enum store_err aws_value_read(struct store_ctx *ctx, const struct aws_net *net, const char *key,
                              struct store_record *out, struct store_secret *text,
                              bool *deleted) STORE_CHECKED;

/* The result of DescribeSecret. */
struct aws_description {
    bool deleted;     /* it is scheduled for deletion */
    int64_t until_ns; /* then: AWS may delete it from then on; 0 if it does not say */
    char version[STORE_VERSION_SIZE]; /* the version labelled AWSCURRENT; "" if there is none */
};

/* NOT_FOUND if there is no such secret, not even one that is scheduled for deletion. Logs all
 * errors but that one and DENIED, since not every identity may describe. */
enum store_err aws_describe(struct store_ctx *ctx, const struct aws_net *net, const char *key,
                            struct aws_description *out) STORE_CHECKED;

/* Checks that a secret has a value: OK, NO_VALUE or NOT_FOUND. Errors as aws_describe's. */
enum store_err aws_value_state(struct store_ctx *ctx, const struct aws_net *net,
                               const char *key) STORE_CHECKED;

/* True if AWS refused `call` on `key` because the secret is scheduled for deletion. */
bool aws_value_deleted(struct store_ctx *ctx, const struct aws_net *net, const char *key,
                       struct aws_call *call);

/* Begins a body: an object with the member `member`, the secret's name. BAD_KEY or TOO_BIG, logged,
 * for keys that AWS cannot name. */
enum store_err aws_body_begin(const struct store_ctx *ctx, const char *member, const char *key,
                              struct json_writer **out) STORE_CHECKED;

/* A whole body: {"SecretId": name}. */
enum store_err aws_body_id(const struct store_ctx *ctx, const char *key,
                           struct store_secret *out) STORE_CHECKED;

#endif
