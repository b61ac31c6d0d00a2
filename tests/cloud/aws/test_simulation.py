# SPDX-License-Identifier: Apache-2.0
"""The rights that doctor tells: IAM's simulation, by a server that evaluates policies, and on moto. Run
by with_botocore.py."""

import tempfile
import time
import unittest

import boto3

from aws_store import Store, clean_environment
import aws_venv
from iam_server import IamServer, Principal, policy, role, user
from with_moto import Moto

BELOW = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:sideseat/*"
ASK = ("Allow", ["iam:SimulatePrincipalPolicy", "iam:GetRole"], "*")
SECRETS = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret", "secretsmanager:CreateSecret",
           "secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage",
           "secretsmanager:DeleteSecret", "secretsmanager:RestoreSecret", "secretsmanager:ListSecretVersionIds"]
LISTS = ["secretsmanager:ListSecrets", "secretsmanager:BatchGetSecretValue"]
EVERYTHING = ("read, list, bulk read, write, make, compare-and-set, history, delete, undelete, destroy "
              "for sideseat/global/any, as IAM simulates it")


class SimulationCase(unittest.TestCase):
    def setUp(self):
        home = tempfile.TemporaryDirectory()
        self.addCleanup(home.cleanup)
        self.home = home.name

    def examine(self, server, who, *settings, **variables):
        """{what: (text, remedy)}, and the log."""
        environment = clean_environment(self.home, **{
            "AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": server.url, **who.environment(), **variables})
        with Store(environment, *settings) as store:
            err, lines = store.ask("examine")
            self.assertEqual(err, "OK")
            log = store.log()
        found = {what: (text, remedy) for what, text, remedy in (line.split("\t") for line in lines)}
        self.assertEqual(log, "")
        self.assertRegex(found["libraries"][0], "libcurl")
        return found


class Policies(SimulationCase):
    """The answer is the policy's, through the whole protocol."""

    def capabilities(self, *statements, who=user, settings=(), more=None, **principal):
        principal = who("app", policy(ASK, *statements), **principal)
        with IamServer(principal) as server:
            found = self.examine(server, principal, *settings, **(more or {}))
            self.assertEqual(found["identity"], (f"{principal.sts_arn} in {server.regions['sts']}", ""))
            self.asked = server.asked
        self.found = found
        return found["capabilities"]

    def test_the_policy_of_the_documentation_allows_everything(self):
        self.assertEqual(self.capabilities(("Allow", SECRETS, BELOW), ("Allow", LISTS, "*")), (EVERYTHING, ""))
        self.assertEqual(self.capabilities(("Allow", "secretsmanager:*", "*")), (EVERYTHING, ""))
        self.assertEqual(self.capabilities(
            ("Allow", SECRETS, BELOW.replace("/*", "/global/*-??????")), ("Allow", LISTS, "*")), (EVERYTHING, ""))

    def test_a_policy_that_only_reads(self):
        text, remedy = self.capabilities(("Allow", "secretsmanager:GetSecretValue", BELOW),
                                         ("Allow", "secretsmanager:List*", "*"))
        self.assertEqual(text, "read, list; not bulk read, write, make, compare-and-set, history, delete, undelete, "
                               "destroy for sideseat/global/any, as IAM simulates it")
        self.assertIn(f"on {BELOW}", remedy)
        self.assertIn("secretsmanager:BatchGetSecretValue on *", remedy)

    def test_each_missing_action_is_named(self):
        for action in SECRETS + LISTS:
            with self.subTest(action):
                text, remedy = self.capabilities(
                    ("Allow", [one for one in SECRETS if one != action], BELOW),
                    ("Allow", [one for one in LISTS if one != action], "*"))
                self.assertIn("; not ", text)
                self.assertEqual(remedy, f"if that is not meant, let its policies allow {action} on "
                                         f"{'*' if action in LISTS else BELOW}")

    def test_a_list_that_is_granted_on_the_secrets_alone_is_not_granted(self):
        text, _ = self.capabilities(("Allow", SECRETS + LISTS, BELOW))
        self.assertIn("; not list, bulk read for ", text)

    def test_another_prefix_region_or_account_is_not_ours(self):
        for other in (BELOW.replace("sideseat/", "other/"), BELOW.replace("eu-west-1", "us-east-1"),
                      BELOW.replace("123456789012", "210987654321")):
            text, _ = self.capabilities(("Allow", SECRETS, other), ("Allow", LISTS, "*"))
            self.assertTrue(text.startswith("list; not read, bulk read, write, "), text)
        self.assertEqual(self.capabilities(
            ("Allow", SECRETS, BELOW.replace("sideseat/", "team=/x.y/")), ("Allow", LISTS, "*"),
            settings=["aws.prefix=team=/x.y"]), (EVERYTHING.replace("sideseat/", "team=/x.y/"), ""))

    def test_without_a_prefix(self):
        text, remedy = self.capabilities(("Allow", LISTS, "*"), settings=["aws.prefix="])
        self.assertIn(" for global/any,", text)
        self.assertIn(":secret:*", remedy)

    def test_a_deny_and_a_boundary_are_told_apart(self):
        allowed = ("Allow", "secretsmanager:*", "*")
        self.assertEqual(self.capabilities(allowed, ("Deny", "secretsmanager:Delete*", BELOW))[1],
                         "if that is not meant, end the Deny of secretsmanager:DeleteSecret")
        boundary = policy(("Allow", ["iam:*", "secretsmanager:Get*", "secretsmanager:List*",
                                     "secretsmanager:Describe*", "secretsmanager:Batch*"], "*"))
        text, remedy = self.capabilities(allowed, boundary=boundary)
        self.assertTrue(text.startswith("read, list, bulk read, history; not write, "), text)
        self.assertIn("let its policies and its permissions boundary allow secretsmanager:PutSecretValue, ", remedy)

    def test_conditions_are_told(self):
        where = {"StringEquals": {"aws:SourceVpce": "vpce-1"}}
        self.capabilities(("Allow", SECRETS, BELOW, where), ("Allow", LISTS, "*", {"Bool": {"aws:SecureTransport": "1"}}))
        self.assertTrue(self.found["capabilities"][0].startswith("none; not read, list"))
        self.assertEqual(self.found["conditions"][0],
                         "the policies depend on aws:SourceVpce, aws:SecureTransport, which IAM did not know")

    def test_a_read_only_token_asks_for_no_change(self):
        self.assertEqual(self.capabilities(
            ("Allow", ["secretsmanager:Get*", "secretsmanager:ListSecretVersionIds", "secretsmanager:Describe*"], BELOW),
            ("Allow", LISTS, "*"), settings=["read_only=true"]),
            ("read, list, bulk read, history for sideseat/global/any, as IAM simulates it", ""))
        asked = {one.partition(":")[2] for form in self.asked for one in form["ActionNames"]}
        self.assertEqual(asked, {"GetSecretValue", "DescribeSecret", "ListSecretVersionIds", "ListSecrets",
                                 "BatchGetSecretValue"})

    def test_pages_are_followed(self):
        who = user("app", policy(ASK, ("Allow", SECRETS, BELOW), ("Allow", LISTS, "*")))
        for page in (1, 3, 7):
            with IamServer(who) as server:
                server.page = page
                self.assertEqual(self.examine(server, who)["capabilities"], (EVERYTHING, ""))
                self.assertEqual(len(server.asked), -(-8 // page) + -(-2 // page))

    def test_the_server_answers_boto3_alike(self):
        """The test's server speaks IAM's protocol: its own client reads the same decisions from it."""
        who = user("app", policy(ASK, ("Allow", SECRETS[:2], BELOW), ("Deny", SECRETS[2], BELOW)))
        with IamServer(who, regions=("us-east-1", "us-east-1")) as server:
            server.page = 2
            pages = boto3.client("iam", region_name="us-east-1", endpoint_url=server.url,
                                 aws_access_key_id=who.key_id, aws_secret_access_key=who.secret).get_paginator(
                "simulate_principal_policy").paginate(PolicySourceArn=who.iam_arn, ActionNames=SECRETS,
                                                      ResourceArns=[BELOW.replace("*", "global/any-AAAAAA")])
            told = {one["EvalActionName"]: one["EvalDecision"] for page in pages
                    for one in page["EvaluationResults"]}
        self.assertEqual(told, {**dict.fromkeys(SECRETS, "implicitDeny"), SECRETS[0]: "allowed",
                                SECRETS[1]: "allowed", SECRETS[2]: "explicitDeny"})


class Identities(SimulationCase):
    ALL = (ASK, ("Allow", "secretsmanager:*", "*"))

    def check(self, who, regions=("eu-west-1", "us-east-1"), **variables):
        with IamServer(who, regions=regions) as server:
            found = self.examine(server, who, **variables)
            self.sources = [one["PolicySourceArn"] for one in server.asked]
        return found["capabilities"]

    def test_a_user_and_a_role_without_a_path(self):
        for who in (user("app", policy(*self.ALL)), user("app", policy(*self.ALL), path="/team/x/"),
                    role("app", policy(*self.ALL))):
            self.assertEqual(self.check(who), (EVERYTHING, ""))
            self.assertEqual(set(self.sources), {who.iam_arn})

    def test_a_role_with_a_path_is_asked_for(self):
        who = role("AWSReservedSSO_Dev_0", policy(*self.ALL), path="/aws-reserved/sso.amazonaws.com/eu-west-1/")
        self.assertEqual(self.check(who), (EVERYTHING, ""))
        self.assertEqual(self.sources[0], "arn:aws:iam::123456789012:role/AWSReservedSSO_Dev_0")
        self.assertEqual(set(self.sources[1:]), {who.iam_arn})

    def test_a_role_whose_path_may_not_be_asked_for(self):
        who = role("app", policy(("Allow", "iam:Simulate*", "*")), path="/team/")
        self.assertEqual(self.check(who), (
            "not known: the role app has a path, which the identity may not ask for",
            "to see them here, let its policies allow iam:GetRole on its own ARN; nothing else needs that"))

    def test_an_identity_that_may_not_ask(self):
        for who in (user("app", policy(("Allow", "secretsmanager:*", "*"))), role("app")):
            text, remedy = self.check(who)
            self.assertEqual(text, "not known: the identity may not ask, since its policies do not allow "
                                   "iam:SimulatePrincipalPolicy")
            self.assertIn("let its policies allow iam:SimulatePrincipalPolicy on its own ARN", remedy)

    def test_those_that_iam_cannot_simulate_are_not_asked_about(self):
        arn = "arn:aws:iam::123456789012:root"
        self.assertRegex(self.check(Principal("root", arn, ""))[0], "not known: .* the root user")
        arn = "arn:aws:sts::123456789012:federated-user/bob"
        self.assertRegex(self.check(Principal("bob", arn, "", token="t"))[0], "not known: .* federated users")
        self.assertRegex(self.check(Principal("x", "arn:aws:sts::1:strange/x", ""))[0], "not known: ")
        self.assertEqual(self.sources, [])

    def test_each_partition_signs_for_its_own_iam(self):
        for partition, region, home in (("aws-cn", "cn-northwest-1", "cn-north-1"),
                                        ("aws-us-gov", "us-gov-east-1", "us-gov-west-1"),
                                        ("aws", "ap-southeast-2", "us-east-1")):
            below = f"arn:{partition}:secretsmanager:{region}:123456789012:secret:sideseat/*"
            who = role("app", policy(ASK, ("Allow", SECRETS, below), ("Allow", LISTS, "*")), partition=partition)
            self.assertEqual(self.check(who, (region, home), AWS_REGION=region), (EVERYTHING, ""))

    def test_iam_has_a_variable_of_its_own(self):
        who = user("app", policy(*self.ALL))
        with IamServer(who) as iam, IamServer(who) as other:
            found = self.examine(other, who, AWS_ENDPOINT_URL_IAM=iam.url)
            self.assertEqual(found["capabilities"], (EVERYTHING, ""))
            self.assertEqual((len(iam.asked), len(other.asked)), (2, 0))


class Failures(SimulationCase):
    """Whatever IAM does, the token is well, and the answer comes before the deadline."""

    WHO = user("app", policy(("Allow", "*", "*")))

    def failing(self, answer, *settings, **variables):
        with IamServer(self.WHO) as server:
            server.fault = answer if callable(answer) else lambda request: answer
            begun = time.monotonic()
            found = self.examine(server, self.WHO, *settings, **variables)
            self.took = time.monotonic() - begun
            self.requests = [one for one in server.requests if b"Simulate" in one.body]
        text, remedy = found["capabilities"]
        self.assertTrue(text.startswith("not known: "), text)
        self.assertIn("identity", found)
        return text, remedy

    def xml(self, status, code):
        return status, f"<ErrorResponse><Error><Code>{code}</Code></Error></ErrorResponse>", {"Content-Type": "text/xml"}

    def test_refusals(self):
        for status, code, tries in ((400, "Throttling", 3), (500, "ServiceFailure", 3), (503, "ServiceUnavailable", 3),
                                    (400, "InvalidInput", 1), (404, "NoSuchEntity", 1), (500, "PolicyEvaluation", 3)):
            with self.subTest(code):
                self.assertEqual(self.failing(self.xml(status, code)), (
                    f"not known: IAM refuses iam:SimulatePrincipalPolicy: {code} (HTTP {status})", "try again later"))
                self.assertEqual(len(self.requests), tries)
        text, remedy = self.failing(self.xml(403, "ExpiredToken"))
        self.assertIn("ExpiredToken", text)
        self.assertIn("renew", remedy)

    def test_a_fault_that_passes_is_not_seen(self):
        left = [self.xml(400, "Throttling"), "drop"]
        with IamServer(self.WHO) as server:
            server.fault = lambda request: left.pop(0) if left else None
            self.assertEqual(self.examine(server, self.WHO)["capabilities"], (EVERYTHING, ""))

    def test_answers_that_are_not_iams(self):
        for answer in ((200, "<html>PAGE</html>", {"Content-Type": "text/html"}), (200, "", {}), (200, "{}", {}),
                       (302, "", {"Location": "https://login.example/"}), (403, "<html>PAGE", {}), (404, "PAGE", {}),
                       (200, "<!DOCTYPE x><IsTruncated>false</IsTruncated>", {}),
                       (200, "<r><EvaluationResults><member><EvalActionName>secretsmanager:Get", {})):
            with self.subTest(answer):
                text, remedy = self.failing(answer)
                self.assertRegex(text, rf"not known: the answer of http://127.0.0.1:\d+/ is not IAM's \(HTTP {answer[0]}, ")
                self.assertNotIn("PAGE", text + remedy)
                self.assertIn("AWS_ENDPOINT_URL_IAM", remedy)

    def test_damaged_answers(self):
        def page(results, end):
            return 200, f"<R><EvaluationResults>{results}</EvaluationResults>{end}</R>", {}
        more = "<IsTruncated>true</IsTruncated>"
        self.assertEqual(self.failing(page("", more))[0], "not known: IAM's answer is damaged")
        self.assertEqual(self.failing(page("", "<IsTruncated>false</IsTruncated>"))[0],
                         "not known: IAM's answer leaves actions out")
        self.assertEqual(self.failing(page("", more + "<Marker>m</Marker>"))[0], "not known: IAM's answer does not end")
        self.assertLess(len(self.requests), 30)

    def test_iam_that_hangs_leaves_time_to_say_so(self):
        text, remedy = self.failing("stall", "timeout_ms=2000")
        self.assertRegex(text, r"not known: IAM does not answer at http://127.0.0.1:\d+/: ")
        self.assertIn("secrets do not need IAM", remedy)
        self.assertLess(self.took, 2)

    def test_iam_that_cannot_be_reached(self):
        with IamServer() as gone:
            url = gone.url
        text, remedy = self.failing(None, AWS_ENDPOINT_URL_IAM=url)
        self.assertRegex(text, rf"not known: IAM does not answer at {url}/: the store cannot be reached: ")
        self.assertIn("check the network", remedy)

    def test_health_does_not_ask_iam(self):
        with IamServer(self.WHO) as server:
            environment = clean_environment(self.home, AWS_REGION="eu-west-1", AWS_ENDPOINT_URL=server.url,
                                            **self.WHO.environment())
            with Store(environment) as store:
                store.ask("health")
            self.assertEqual(server.asked, [])
            self.assertTrue(server.requests)


class WithMoto(SimulationCase):
    """A real server that checks rights, but lacks the simulation."""

    def test_it_denies_the_question_or_cannot_answer_it(self):
        with Moto(aws_venv.python()) as moto:
            iam = boto3.client("iam", region_name="us-east-1", endpoint_url=moto.url,
                               aws_access_key_id=moto.key_id, aws_secret_access_key=moto.secret)
            iam.create_user(UserName="nobody")
            key = iam.create_access_key(UserName="nobody")["AccessKey"]
            who = user("nobody")
            who.key_id, who.secret = key["AccessKeyId"], key["SecretAccessKey"]
            self.assertEqual(self.examine(moto, who)["capabilities"][0],
                             "not known: the identity may not ask, since its policies do not allow "
                             "iam:SimulatePrincipalPolicy")
            who.key_id, who.secret = moto.key_id, moto.secret
            self.assertRegex(self.examine(moto, who)["capabilities"][0],
                             r"not known: the answer of http://127.0.0.1:\d+/ is not IAM's \(HTTP 500, ")


if __name__ == "__main__":
    unittest.main()
