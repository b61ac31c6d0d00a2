/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BACKENDS_AWS_SIMULATION_H
#define BACKENDS_AWS_SIMULATION_H

#include <stdbool.h>

#include "store/backend.h"

/*
 * IAM's answer to the question which of our actions an identity's policies allow (IAM API
 * reference, SimulatePrincipalPolicy): the question, the reading of the answer, and its words for
 * people. Threads: one at a time for each struct.
 */

/* The actions of Secrets Manager that the module calls. */
enum aws_action {
    AWS_ACTION_GET,
    AWS_ACTION_LIST,
    AWS_ACTION_BATCH,
    AWS_ACTION_PUT,
    AWS_ACTION_CREATE,
    AWS_ACTION_STAGE,
    AWS_ACTION_VERSIONS,
    AWS_ACTION_DESCRIBE,
    AWS_ACTION_DELETE,
    AWS_ACTION_RESTORE,
    AWS_ACTION_COUNT,
};

enum aws_decision {
    AWS_DECISION_NONE, /* not answered */
    AWS_DECISION_ALLOWED,
    AWS_DECISION_MISSING, /* nothing allows it (AWS's implicitDeny) */
    AWS_DECISION_DENIED,  /* a statement denies it (explicitDeny) */
};

/* The answers, of all pages. Zero-initialized: none. */
struct aws_simulation {
    enum aws_decision decisions[AWS_ACTION_COUNT];
    bool by_boundary;           /* the permissions boundary does not allow one of them */
    bool by_organization;       /* a policy of the organization does not */
    char conditions[160];       /* condition keys whose values IAM lacked, with commas between */
    struct store_secret marker; /* of the next page; empty: this was the last */
};

#define AUTO_SIMULATION __attribute__((cleanup(aws_simulation_clear))) struct aws_simulation

void aws_simulation_clear(struct aws_simulation *simulation);

/* Appends the request to `form` (empty), for the page that `simulation->marker` names. `resource`
 * is the ARN to ask for, with the actions on one secret, or NULL for those that AWS grants on "*"
 * only. A read-only token does not ask for actions that change something. */
enum store_err aws_simulation_ask(const struct aws_simulation *simulation, const char *principal,
                                  const char *resource, bool read_only,
                                  struct store_secret *form) STORE_CHECKED;

/* Adds the answers of a page, and replaces the marker. CORRUPT, not logged, if it is not such a
 * page; nothing is added then. */
enum store_err aws_simulation_read(struct aws_simulation *simulation,
                                   const struct store_secret *page) STORE_CHECKED;

/* True if every action that a token asks for has an answer. */
bool aws_simulation_is_whole(const struct aws_simulation *simulation, bool read_only);

/* Passes the findings to `each`: the operations that all their actions allow, those that miss one,
 * and the remedy. `name` is the secret that was asked for, `pattern` the ARN for a policy. */
void aws_simulation_tell(const struct aws_simulation *simulation, bool read_only, const char *name,
                         const char *pattern, store_finding_fn *each, void *arg);

#endif
