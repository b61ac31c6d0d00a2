/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "backends/aws/principal.h"
#include "backends/aws/simulation.h"

/* Any bytes as a page of IAM's answer, after a page that was in order, and as an ARN of STS. */

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}

static void check_finding(void *arg, const struct store_finding *finding)
{
    size_t *count = arg;

    (*count)++;
    FUZZ_CHECK(finding->err == STORE_OK);
    FUZZ_CHECK(strnlen(finding->text, sizeof finding->text) < sizeof finding->text);
    FUZZ_CHECK(strnlen(finding->remedy, sizeof finding->remedy) < sizeof finding->remedy);
}

static void check_principal(const char *arn, size_t len)
{
    struct aws_principal principal;

    if (!aws_principal_parse(arn, len, &principal))
        return;
    FUZZ_CHECK(strlen(principal.account) == 12);
    FUZZ_CHECK((principal.kind == AWS_PRINCIPAL_ROLE) == (principal.role[0] != '\0'));
    if (principal.kind == AWS_PRINCIPAL_ROLE)
        FUZZ_CHECK(aws_principal_set_role(&principal, principal.arn, strlen(principal.arn)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char first[] =
        "<r><EvaluationResults><member><EvalActionName>secretsmanager:GetSecretValue"
        "</EvalActionName><EvalDecision>allowed</EvalDecision></member></EvaluationResults>"
        "<IsTruncated>true</IsTruncated><Marker>m</Marker></r>";
    AUTO_SIMULATION simulation = {.by_boundary = false};
    AUTO_SECRET page = {0};
    AUTO_SECRET form = {0};
    size_t findings = 0;
    enum store_err err;

    check_principal((const char *)data, size);
    FUZZ_CHECK(store_secret_set(&page, first, sizeof first - 1) == STORE_OK);
    FUZZ_CHECK(aws_simulation_read(&simulation, &page) == STORE_OK);
    FUZZ_CHECK(store_secret_set(&page, data, size) == STORE_OK);
    err = aws_simulation_read(&simulation, &page);
    FUZZ_CHECK(err == STORE_OK || err == STORE_CORRUPT);
    FUZZ_CHECK(err == STORE_OK || (simulation.marker.len == 1 &&
                                   simulation.decisions[AWS_ACTION_LIST] == AWS_DECISION_NONE));
    FUZZ_CHECK(aws_simulation_ask(&simulation, "arn", "resource", false, &form) == STORE_OK);
    aws_simulation_tell(&simulation, false, "name", "pattern", check_finding, &findings);
    FUZZ_CHECK(findings == (simulation.conditions[0] == '\0' ? 1u : 2u));
    return 0;
}
