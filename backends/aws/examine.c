/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/aws/operations.h"

#include <stdio.h>
#include <string.h>

#include "backends/aws/answer.h"
#include "backends/aws/call.h"
#include "backends/aws/principal.h"
#include "backends/aws/simulation.h"
#include "backends/aws/xml.h"
#include "backends/http/http.h"
#include "store/time.h"

/*
 * For doctor: the identity, as STS names it, and the operations that its policies allow, as IAM
 * simulates them (IAM API reference, SimulatePrincipalPolicy), if the identity may ask for that.
 * A refusal to answer is a finding, never an error of the token.
 */

#define PAGES_MAX 20
#define RESOURCE_SIZE (sizeof "arn::secretsmanager:::secret:-AAAAAA" + 128 + AWS_NAME_MAX)

/* AWS ends the ARN of each secret with '-' and six characters of its own. */
#define STAND_IN "global/any"
#define SUFFIX "-AAAAAA"

/* The question, and the way to tell its answer. */
struct question {
    struct store_ctx *ctx;
    const struct aws_net *net;
    struct aws_principal principal;
    char name[AWS_NAME_MAX + 1];  /* of the secret that stands for any */
    char resource[RESOURCE_SIZE]; /* its ARN */
    char pattern[RESOURCE_SIZE];  /* the ARN of all secrets below the prefix, for a policy */
    struct aws_simulation answers;
    store_finding_fn *each;
    void *arg;
};

static void tell_unknown(const struct question *question, const char *remedy, const char *why)
{
    store_finding_tell(question->each, question->arg, "capabilities", STORE_OK, remedy,
                       "not known: %s", why);
}

/* Tells why IAM did not answer. */
static void tell_refused(const struct question *question, const struct aws_call *call,
                         enum store_err err)
{
    char came[AWS_CAME_SIZE];
    char remedy[256] = "try again later";
    char why[240];

    if (err == STORE_DENIED && call->fault != NULL && !call->foreign) {
        (void)snprintf(why, sizeof why,
                       "the identity may not ask, since its policies do not allow "
                       "iam:%s",
                       call->operation);
        (void)snprintf(remedy, sizeof remedy,
                       "to see them here, let its policies allow iam:%s on "
                       "its own ARN; nothing else needs that",
                       call->operation);
    } else if (err == STORE_BAD_CONF) {
        (void)snprintf(why, sizeof why, "a setting for IAM's endpoint is wrong; the log names it");
        (void)snprintf(remedy, sizeof remedy, "correct AWS_ENDPOINT_URL_IAM or AWS_ENDPOINT_URL");
    } else if (call->foreign) {
        aws_answer_came(&call->exchange, came);
        (void)snprintf(why, sizeof why, "the answer of %.90s is not IAM's (%.100s)",
                       call->endpoint.url, came);
        (void)snprintf(remedy, sizeof remedy, "if IAM is elsewhere, set AWS_ENDPOINT_URL_IAM");
    } else if (call->fault != NULL) {
        (void)snprintf(why, sizeof why, "IAM refuses iam:%s: %s (HTTP %d)", call->operation,
                       call->exchange.code, call->exchange.status);
        if (err == STORE_AUTH)
            (void)snprintf(remedy, sizeof remedy, "%s", call->fault->remedy);
    } else {
        (void)snprintf(why, sizeof why, "IAM does not answer at %.80s: %s: %.90s",
                       call->endpoint.url, store_err_text(err), call->exchange.why);
        (void)snprintf(remedy, sizeof remedy,
                       "check the network and AWS_ENDPOINT_URL_IAM; secrets do not need IAM");
    }
    tell_unknown(question, remedy, why);
}

static bool role_may_have_path(const struct question *question, const struct aws_call *call)
{
    return question->principal.kind == AWS_PRINCIPAL_ROLE &&
           (aws_call_refused(call, "NoSuchEntity") || aws_call_refused(call, "InvalidInput"));
}

/* Asks for all pages of the actions on one secret, or of those that AWS grants on "*" only
 * (`resource` NULL). `*refused` is set if the answer may be that the role has a path. Tells of
 * every other failure. */
static enum store_err ask_pages(struct question *question, const char *resource, bool *refused)
{
    for (int page = 0; page < PAGES_MAX; page++) {
        AUTO_CALL call = {.service = AWS_IAM,
                          .operation = "SimulatePrincipalPolicy",
                          .what = "doctor",
                          .proof = "IsTruncated"};
        enum store_err err;

        TRY(aws_simulation_ask(&question->answers, question->principal.arn, resource,
                               question->ctx->read_only, &call.body));
        err = aws_call_run(question->ctx, question->net, &call);
        *refused = err != STORE_OK && role_may_have_path(question, &call);
        if (err != STORE_OK && !*refused)
            tell_refused(question, &call, err);
        TRY(err);
        if (aws_simulation_read(&question->answers, &call.exchange.reply) != STORE_OK) {
            tell_unknown(question, "try again later", "IAM's answer is damaged");
            return STORE_CORRUPT;
        }
        if (question->answers.marker.len == 0)
            return STORE_OK;
    }
    tell_unknown(question, "try again later", "IAM's answer does not end");
    return STORE_CORRUPT;
}

/* Asks IAM for the ARN of the role, with its path. */
static enum store_err ask_role(struct question *question)
{
    AUTO_CALL call = {.service = AWS_IAM, .operation = "GetRole", .what = "doctor", .proof = "Arn"};
    struct aws_xml_field arn = {.element = "Arn"};
    enum store_err err;
    char why[240];

    TRY(aws_form_add_text(&call.body, "Action", "GetRole"));
    TRY(aws_form_add_text(&call.body, "Version", "2010-05-08"));
    TRY(aws_form_add_text(&call.body, "RoleName", question->principal.role));
    err = aws_call_run(question->ctx, question->net, &call);
    if (err == STORE_DENIED) {
        (void)snprintf(why, sizeof why,
                       "the role %s has a path, which the identity may not ask for",
                       question->principal.role);
        tell_unknown(question,
                     "to see them here, let its policies allow iam:GetRole on its own "
                     "ARN; nothing else needs that",
                     why);
        return err;
    }
    if (err != STORE_OK) {
        tell_refused(question, &call, err);
        return err;
    }
    err = aws_xml_read(&call.exchange.reply, &arn, 1);
    if (err == STORE_OK &&
        !aws_principal_set_role(&question->principal, (const char *)arn.value.data, arn.value.len))
        err = STORE_CORRUPT;
    if (err != STORE_OK)
        tell_unknown(question, "try again later", "IAM names another role than STS");
    aws_xml_clear(&arn, 1);
    return err;
}

/* The names of the secret that stands for any, and of all secrets. */
static enum store_err name_resources(struct question *question)
{
    const struct aws_principal *principal = &question->principal;
    const char *prefix = question->ctx->prefix;
    char beginning[sizeof "arn::secretsmanager:::secret:" + 128];

    TRY(aws_name_encode(prefix, STAND_IN, question->name, NULL));
    (void)snprintf(beginning, sizeof beginning,
                   "arn:%s:secretsmanager:%s:%s:secret:", principal->partition,
                   question->ctx->region, principal->account);
    (void)snprintf(question->resource, sizeof question->resource, "%s%s" SUFFIX, beginning,
                   question->name);
    (void)snprintf(question->pattern, sizeof question->pattern, "%s%s%s*", beginning, prefix,
                   prefix[0] == '\0' ? "" : "/");
    return STORE_OK;
}

static enum store_err ask(struct question *question)
{
    bool has_path = false;
    enum store_err err = ask_pages(question, question->resource, &has_path);

    if (err != STORE_OK && has_path) {
        TRY(ask_role(question));
        err = ask_pages(question, question->resource, &has_path);
        if (err != STORE_OK && has_path)
            tell_unknown(question, "try again later", "IAM does not know the role that it names");
    }
    TRY(err);
    err = ask_pages(question, NULL, &has_path);
    if (err != STORE_OK && has_path)
        tell_unknown(question, "try again later", "IAM does not know the role any more");
    return err;
}

static void tell_capabilities(struct question *question, const char *arn)
{
    if (!aws_principal_parse(arn, strlen(arn), &question->principal)) {
        tell_unknown(question, "", "IAM simulates users and roles, and this is neither");
    } else if (question->principal.kind == AWS_PRINCIPAL_ROOT) {
        tell_unknown(question, "use a user or a role with the rights that the secrets need",
                     "IAM does not simulate the root user, whom no policy of IAM limits");
    } else if (question->principal.kind == AWS_PRINCIPAL_FEDERATED) {
        tell_unknown(question, "",
                     "IAM does not simulate federated users; the policies of the "
                     "user who called sts:GetFederationToken limit them, and those "
                     "given to that call");
    } else if (name_resources(question) == STORE_OK && ask(question) == STORE_OK) {
        if (aws_simulation_is_whole(&question->answers, question->ctx->read_only))
            aws_simulation_tell(&question->answers, question->ctx->read_only, question->name,
                                question->pattern, question->each, question->arg);
        else
            tell_unknown(question, "try again later", "IAM's answer leaves actions out");
    }
}

void aws_examine(struct store_ctx *ctx, store_finding_fn *each, void *arg)
{
    struct aws_net net = aws_context_net(ctx);
    struct question question = {.ctx = ctx, .net = &net, .each = each, .arg = arg};
    struct store_health identity = {0};
    char arn[AWS_PRINCIPAL_ARN_SIZE];

    /* the findings must arrive by the deadline even if IAM hangs */
    net.deadline_ns -= ctx->timeout_ns / 4;
    aws_health_by_identity(ctx, &net, arn, &identity);
    if (identity.err == STORE_OK) {
        store_finding_tell(each, arg, "identity", STORE_OK, "", "%s", identity.text);
        tell_capabilities(&question, arn);
    } else {
        store_finding_tell(each, arg, "identity", STORE_OK, "", "not known: %.200s", identity.text);
    }
    aws_simulation_clear(&question.answers);
    store_finding_tell(each, arg, "libraries", STORE_OK, "", "%.250s", http_libraries());
}
