/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "backends/aws/simulation.h"

#define ARN "arn:aws:secretsmanager:eu-west-1:123456789012:secret:sideseat/*"

/* One result: AWS's own order of the elements, and the other way round. */
#define RESULT(action, decision, more)                                                             \
    "<member><EvalResourceName>*</EvalResourceName><EvalDecision>" decision                        \
    "</EvalDecision><EvalActionName>secretsmanager:" action "</EvalActionName>" more "</member>"
#define TURNED(action, decision)                                                                   \
    "<member><EvalActionName>SecretsManager:" action "</EvalActionName><EvalDecision>" decision    \
    "</EvalDecision></member>"
#define PAGE(results, end)                                                                         \
    "<SimulatePrincipalPolicyResponse><SimulatePrincipalPolicyResult><EvaluationResults>" results  \
    "</EvaluationResults>" end                                                                     \
    "</SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>"
#define LAST "<IsTruncated>false</IsTruncated>"

static enum store_err read_page(struct aws_simulation *simulation, const char *text)
{
    AUTO_SECRET page = {0};

    assert_int_equal(store_secret_set(&page, text, strlen(text)), STORE_OK);
    return aws_simulation_read(simulation, &page);
}

/* What was told: "what: text (remedy)" for each finding. */
static void keep(void *arg, const struct store_finding *finding)
{
    char *told = arg;
    size_t used = strlen(told);

    assert_int_equal(finding->err, STORE_OK);
    (void)snprintf(told + used, 2000 - used, "%s: %s (%s)\n", finding->what, finding->text,
                   finding->remedy);
}

static void assert_told(const struct aws_simulation *simulation, bool read_only, const char *text)
{
    char told[2000] = "";

    aws_simulation_tell(simulation, read_only, "sideseat/global/any", ARN, keep, told);
    assert_string_equal(told, text);
}

static struct aws_simulation decided(enum aws_decision decision)
{
    struct aws_simulation simulation = {.by_boundary = false};

    for (size_t i = 0; i < AWS_ACTION_COUNT; i++)
        simulation.decisions[i] = decision;
    return simulation;
}

static void decisions_are_read_in_any_order_of_elements(void **state)
{
    AUTO_SIMULATION simulation = {.by_boundary = false};

    (void)state;
    assert_int_equal(read_page(&simulation, PAGE(RESULT("GetSecretValue", "allowed", "")
                                                     TURNED("PutSecretValue", "implicitDeny")
                                                         RESULT("DeleteSecret", "explicitDeny", "")
                                                             TURNED("RestoreSecret", "somethingNew")
                                                                 RESULT("Unknown", "allowed", ""),
                                                 LAST)),
                     STORE_OK);
    assert_int_equal(simulation.decisions[AWS_ACTION_GET], AWS_DECISION_ALLOWED);
    assert_int_equal(simulation.decisions[AWS_ACTION_PUT], AWS_DECISION_MISSING);
    assert_int_equal(simulation.decisions[AWS_ACTION_DELETE], AWS_DECISION_DENIED);
    assert_int_equal(simulation.decisions[AWS_ACTION_RESTORE], AWS_DECISION_MISSING);
    assert_int_equal(simulation.decisions[AWS_ACTION_CREATE], AWS_DECISION_NONE);
    assert_false(aws_simulation_is_whole(&simulation, true));
}

static void the_decision_on_a_resource_is_not_that_of_the_action(void **state)
{
    AUTO_SIMULATION simulation = {.by_boundary = false};

    (void)state;
    assert_int_equal(
        read_page(&simulation,
                  PAGE(RESULT("GetSecretValue", "implicitDeny",
                              "<ResourceSpecificResults><member><EvalResourceName>x"
                              "</EvalResourceName><EvalResourceDecision>allowed"
                              "</EvalResourceDecision></member></ResourceSpecificResults>"),
                       LAST)),
        STORE_OK);
    assert_int_equal(simulation.decisions[AWS_ACTION_GET], AWS_DECISION_MISSING);
}

static void pages_add_up(void **state)
{
    AUTO_SIMULATION simulation = {.by_boundary = false};

    (void)state;
    assert_int_equal(read_page(&simulation, PAGE(RESULT("GetSecretValue", "allowed", ""),
                                                 "<IsTruncated>true</IsTruncated><Marker>a&amp;b"
                                                 "</Marker>")),
                     STORE_OK);
    assert_true(store_secret_equal(&simulation.marker, "a&b", 3));
    assert_int_equal(read_page(&simulation, PAGE(RESULT("ListSecrets", "allowed", ""),
                                                 LAST "<Marker>ignored</Marker>")),
                     STORE_OK);
    assert_int_equal(simulation.marker.len, 0);
    assert_int_equal(simulation.decisions[AWS_ACTION_GET], AWS_DECISION_ALLOWED);
    assert_int_equal(simulation.decisions[AWS_ACTION_LIST], AWS_DECISION_ALLOWED);
}

static void a_page_that_is_not_whole_adds_nothing(void **state)
{
    static const char *const bad[] = {
        PAGE(RESULT("ListSecrets", "allowed", ""), ""),
        PAGE(RESULT("ListSecrets", "allowed", ""), "<IsTruncated>true</IsTruncated>"),
        PAGE(RESULT("ListSecrets", "allowed", ""), "<IsTruncated>true</IsTruncated><Marker/>"),
        PAGE(RESULT("ListSecrets", "allowed", ""), LAST "<"),
        "<SimulatePrincipalPolicyResponse><SimulatePrincipalPolicyResult><"
        "EvaluationResults>" RESULT("ListSecrets", "allowed", ""),
        "<html>no</html>",
        "",
    };
    AUTO_SIMULATION simulation = {.by_boundary = false};

    (void)state;
    assert_int_equal(read_page(&simulation, PAGE(RESULT("GetSecretValue", "allowed", ""),
                                                 "<IsTruncated>true</IsTruncated><Marker>m"
                                                 "</Marker>")),
                     STORE_OK);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(read_page(&simulation, bad[i]), STORE_CORRUPT);
        assert_int_equal(simulation.decisions[AWS_ACTION_LIST], AWS_DECISION_NONE);
        assert_int_equal(simulation.decisions[AWS_ACTION_GET], AWS_DECISION_ALLOWED);
        assert_true(store_secret_equal(&simulation.marker, "m", 1));
    }
}

static void assert_asked(const char *resource, bool read_only, const char *marker, const char *form)
{
    AUTO_SIMULATION simulation = {.by_boundary = false};
    AUTO_SECRET asked = {0};

    assert_int_equal(store_secret_set(&simulation.marker, marker, strlen(marker)), STORE_OK);
    assert_int_equal(aws_simulation_ask(&simulation, "arn:x", resource, read_only, &asked),
                     STORE_OK);
    if (!store_secret_equal(&asked, form, strlen(form)))
        fail_msg("%.*s", (int)asked.len, (const char *)asked.data);
}

#define BEGINNING                                                                                  \
    "Action=SimulatePrincipalPolicy&Version=2010-05-08&PolicySourceArn=arn%3Ax&"                   \
    "ActionNames.member.1=secretsmanager%3A"
#define SECOND "&ActionNames.member.2=secretsmanager%3A"
#define THIRD "&ActionNames.member.3=secretsmanager%3A"

static void a_read_only_token_asks_for_no_change(void **state)
{
    (void)state;
    assert_asked("r", true, "",
                 BEGINNING "GetSecretValue" SECOND "ListSecretVersionIds" THIRD
                           "DescribeSecret&ResourceArns.member.1=r");
    assert_asked(NULL, true, "m+",
                 BEGINNING "ListSecrets" SECOND
                           "BatchGetSecretValue&ResourceArns.member.1=%2A&Marker=m%2B");
    assert_asked("r", false, "",
                 BEGINNING "GetSecretValue" SECOND "PutSecretValue" THIRD
                           "CreateSecret&ActionNames.member.4=secretsmanager%3A"
                           "UpdateSecretVersionStage&ActionNames.member.5=secretsmanager%3A"
                           "ListSecretVersionIds&ActionNames.member.6=secretsmanager%3A"
                           "DescribeSecret&ActionNames.member.7=secretsmanager%3A"
                           "DeleteSecret&ActionNames.member.8=secretsmanager%3A"
                           "RestoreSecret&ResourceArns.member.1=r");
}

static void everything_allowed_needs_no_remedy(void **state)
{
    const struct aws_simulation all = decided(AWS_DECISION_ALLOWED);

    (void)state;
    assert_true(aws_simulation_is_whole(&all, false));
    assert_told(&all, false,
                "capabilities: read, list, bulk read, write, make, compare-and-set, history, "
                "delete, undelete, destroy for sideseat/global/any, as IAM simulates it ()\n");
    assert_told(&all, true,
                "capabilities: read, list, bulk read, history for sideseat/global/any, as IAM "
                "simulates it ()\n");
}

static void a_missing_action_and_its_resource_are_named(void **state)
{
    struct aws_simulation some = decided(AWS_DECISION_ALLOWED);

    (void)state;
    some.decisions[AWS_ACTION_PUT] = AWS_DECISION_MISSING;
    assert_told(&some, false,
                "capabilities: read, list, bulk read, make, history, delete, undelete, destroy; "
                "not write, compare-and-set for sideseat/global/any, as IAM simulates it (if that "
                "is not meant, let its policies allow secretsmanager:PutSecretValue on " ARN ")\n");
    some.decisions[AWS_ACTION_LIST] = AWS_DECISION_MISSING;
    some.by_boundary = true;
    assert_told(&some, false,
                "capabilities: read, bulk read, make, history, delete, undelete, destroy; not "
                "list, write, compare-and-set for sideseat/global/any, as IAM simulates it (if "
                "that is not meant, let its policies and its permissions boundary allow "
                "secretsmanager:PutSecretValue on " ARN ", and secretsmanager:ListSecrets on *)\n");
    some = decided(AWS_DECISION_ALLOWED);
    some.decisions[AWS_ACTION_LIST] = AWS_DECISION_MISSING;
    some.by_organization = true;
    assert_told(&some, true,
                "capabilities: read, bulk read, history; not list for sideseat/global/any, as IAM "
                "simulates it (if that is not meant, let its policies and the organization's allow "
                "secretsmanager:ListSecrets on *)\n");
}

static void a_deny_is_not_mended_by_allowing(void **state)
{
    struct aws_simulation some = decided(AWS_DECISION_ALLOWED);

    (void)state;
    some.decisions[AWS_ACTION_DELETE] = AWS_DECISION_DENIED;
    assert_told(&some, false,
                "capabilities: read, list, bulk read, write, make, compare-and-set, history, "
                "undelete; not delete, destroy for sideseat/global/any, as IAM simulates it (if "
                "that is not meant, end the Deny of secretsmanager:DeleteSecret)\n");
}

static void a_remedy_is_never_cut(void **state)
{
    const struct aws_simulation none = decided(AWS_DECISION_MISSING);
    const struct aws_simulation denied = decided(AWS_DECISION_DENIED);
    char told[2000] = "";
    char pattern[300];

    (void)state;
    aws_simulation_tell(&none, false, "n", ARN, keep, told);
    assert_non_null(strstr(told, " more on " ARN ", and secretsmanager:ListSecrets"));
    assert_non_null(strstr(told, " on *)\n"));
    told[0] = '\0';
    aws_simulation_tell(&denied, false, "n", ARN, keep, told);
    assert_non_null(strstr(told, "none; not read, list, "));
    assert_non_null(strstr(told, "end the Deny of secretsmanager:GetSecretValue, "));
    told[0] = '\0';
    memset(pattern, 'x', sizeof pattern - 1);
    pattern[sizeof pattern - 1] = '\0';
    aws_simulation_tell(&none, false, pattern, pattern, keep, told);
    assert_non_null(strstr(told, "(if that is not meant, let its policies allow it (aws.md in the "
                                 "documentation has one))"));
}

#define CONTEXT(key)                                                                               \
    "<MissingContextValues><member>" key "</member><member>aws:SourceVpce</member>"                \
    "</MissingContextValues>"

static void conditions_that_iam_lacked_are_told_once(void **state)
{
    AUTO_SIMULATION simulation = {.by_boundary = false};

    (void)state;
    assert_int_equal(
        read_page(&simulation,
                  PAGE(RESULT("GetSecretValue", "allowed", CONTEXT("aws:SourceIp"))
                           RESULT("ListSecrets", "allowed", CONTEXT("aws:SourceVpc"))
                               RESULT("BatchGetSecretValue", "allowed", CONTEXT("a\nb"))
                                   RESULT("DescribeSecret", "allowed", CONTEXT(""))
                                       RESULT("ListSecretVersionIds", "allowed", ""),
                       LAST)),
        STORE_OK);
    assert_told(&simulation, true,
                "capabilities: read, list, bulk read, history for sideseat/global/any, as IAM "
                "simulates it ()\nconditions: the policies depend on aws:SourceIp, "
                "aws:SourceVpce, aws:SourceVpc, which IAM did not know (a request that has them "
                "may get another answer than the simulation)\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decisions_are_read_in_any_order_of_elements),
        cmocka_unit_test(the_decision_on_a_resource_is_not_that_of_the_action),
        cmocka_unit_test(pages_add_up),
        cmocka_unit_test(a_page_that_is_not_whole_adds_nothing),
        cmocka_unit_test(a_read_only_token_asks_for_no_change),
        cmocka_unit_test(everything_allowed_needs_no_remedy),
        cmocka_unit_test(a_missing_action_and_its_resource_are_named),
        cmocka_unit_test(a_deny_is_not_mended_by_allowing),
        cmocka_unit_test(a_remedy_is_never_cut),
        cmocka_unit_test(conditions_that_iam_lacked_are_told_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
