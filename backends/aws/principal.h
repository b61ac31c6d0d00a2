/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_AWS_PRINCIPAL_H
#define BACKENDS_AWS_PRINCIPAL_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The identity that STS names, as IAM names it (IAM user guide, "IAM identifiers"). IAM simulates
 * users and roles only, and the ARN of a role's session lacks the role's path.
 *
 * Threads: pure functions.
 */
enum aws_principal_kind {
    AWS_PRINCIPAL_USER,
    AWS_PRINCIPAL_ROLE,      /* a session of a role */
    AWS_PRINCIPAL_ROOT,      /* the account's own */
    AWS_PRINCIPAL_FEDERATED, /* from sts:GetFederationToken */
};

#define AWS_PARTITION_SIZE 32
#define AWS_ACCOUNT_SIZE 13 /* 12 digits */
#define AWS_ROLE_SIZE 65
#define AWS_PRINCIPAL_ARN_SIZE 704 /* a path has up to 512 characters, a name 64 */

struct aws_principal {
    enum aws_principal_kind kind;
    char partition[AWS_PARTITION_SIZE]; /* "aws", "aws-cn" */
    char account[AWS_ACCOUNT_SIZE];
    char role[AWS_ROLE_SIZE];         /* the role's name; "" for the others */
    char arn[AWS_PRINCIPAL_ARN_SIZE]; /* for IAM; that of a role as if its path were "/"; "" for
                                         those that IAM does not simulate */
};

/* Reads the Arn of sts:GetCallerIdentity. False if it is none of the kinds above. */
bool aws_principal_parse(const char *arn, size_t len, struct aws_principal *out);

/* Replaces the ARN of a role by the one that IAM itself gives, with its path. False, and nothing
 * changed, if that is not an ARN of this role. */
bool aws_principal_set_role(struct aws_principal *principal, const char *arn, size_t len);

#endif
