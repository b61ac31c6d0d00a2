/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_AWS_CALL_H
#define BACKENDS_AWS_CALL_H

#include "core/json.h"
#include "backends/aws/context.h"
#include "backends/aws/fault.h"

/*
 * One operation of AWS: a signed POST, tried again as the SDKs' "standard" mode does (AWS SDKs and
 * Tools reference guide, "Retry behavior"): three attempts, a random pause that doubles, a budget
 * shared by all requests so that a broken service is not flooded, and never past the deadline.
 */
struct aws_call {
    /* asked */
    enum aws_service service; /* AWS_SECRETS_MANAGER, AWS_STS or AWS_IAM */
    const char *operation;    /* "GetSecretValue" */
    const char *what;         /* the key or the like, for messages */
    const char *proof;        /* STS and IAM: the element that an answer to this always has */
    struct store_secret body;

    /* answered */
    struct aws_endpoint endpoint;   /* that was asked; the exchange has its URL */
    struct aws_exchange exchange;   /* of the last attempt */
    const struct aws_fault *fault;  /* NULL if AWS did not refuse */
    bool foreign;                   /* the answer is not AWS's, whatever its status */
    struct json_document *document; /* Secrets Manager's answer, checked to be complete */
    bool replayed;                  /* AWS may have carried out an earlier attempt, too */
    bool logged;                    /* why it failed */
};

#define AUTO_CALL __attribute__((cleanup(aws_call_clear))) struct aws_call

void aws_call_clear(struct aws_call *call);

/* Runs it. OK means that AWS itself has answered this operation. The error is the fault's or,
 * without one, that of the credentials or the connection. Only errors of the credentials are logged
 * here: aws_call_failed logs the others. */
enum store_err aws_call_run(struct store_ctx *ctx, const struct aws_net *net,
                            struct aws_call *call) STORE_CHECKED;

/* True if AWS refused with this code. */
bool aws_call_refused(const struct aws_call *call, const char *code);

/* Logs why the call failed, unless the log has it already or the answer is an ordinary one, and
 * returns `err`. */
enum store_err aws_call_failed(struct aws_call *call, enum store_err err);

#endif
