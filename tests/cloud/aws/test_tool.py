# SPDX-License-Identifier: Apache-2.0
"""sideseat-secrets on AWS: secrets without a value, versions, fields and rights, with moto. Run by
with_botocore.py."""

import json
import os
import subprocess
import unittest

from moto_case import MotoCase
from iam_server import IamServer, policy, user

MODULE = os.environ["SIDESEAT_TEST_MODULE"]
PROGRAM = os.environ["SIDESEAT_TEST_STORE"]
TOOL = os.environ["SIDESEAT_TEST_TOOL"]


class ToolCase(MotoCase):
    def tool(self, *words, value=b"", **variables):
        """The exit status, and the output."""
        environment = self.environment(**{
            **variables, "SIDESEAT_SECRETS_BACKEND": "aws", "SIDESEAT_SECRETS_AWS_PREFIX": self.prefix,
            "SIDESEAT_PKCS11_STORE": PROGRAM, "SIDESEAT_PKCS11_MODULE": MODULE})
        done = subprocess.run([TOOL, *words], env=environment, input=value, capture_output=True,
                              timeout=60, check=False)
        return done.returncode, (done.stdout + done.stderr).decode()


class NoValue(ToolCase):
    def empty(self, key):
        self.client.create_secret(Name=f"{self.prefix}/{key}")

    def test_get_says_so_and_list_has_it(self):
        self.empty("org/acme/a")
        status, text = self.tool("get", "org/acme/a")
        self.assertEqual(status, 8, text)
        self.assertIn("no value yet", text)
        status, text = self.tool("get", "a", "--scope", "org/acme", "--scope", "global")
        self.assertEqual(status, 8, text)
        self.assertEqual(self.tool("list"), (0, "org/acme/a\n"))
        self.assertEqual(self.tool("list", "--json")[0], 0)

    def test_set_and_create_give_it_its_first_value(self):
        for key, words in (("global/a", []), ("global/b", ["--create"])):
            self.empty(key)
            status, text = self.tool("set", key, *words, value=b"one")
            self.assertEqual(status, 0, text)
            self.assertEqual(self.tool("get", key), (0, "one"))
        self.assertEqual(self.tool("set", "global/b", "--create", value=b"two")[0], 4)

    def test_ensure_makes_the_key_and_says_so(self):
        key = "global/jwt_signing_key"
        self.empty(key)
        self.assertEqual(self.tool("ensure", key), (0, f"{key}: created\n"))
        self.assertEqual(self.tool("ensure", key), (0, f"{key}: present\n"))
        status, value = self.tool("get", key)
        self.assertEqual((status, len(value)), (0, 64))

    def test_generate_makes_the_key(self):
        self.empty("global/k")
        status, text = self.tool("generate", "global/k")
        self.assertEqual(status, 0, text)
        self.assertEqual(self.tool("generate", "global/k")[0], 4)

    def test_delete_deletes_it(self):
        self.empty("global/a")
        self.assertEqual(self.tool("delete", "global/a"), (0, ""))
        self.assertEqual(self.tool("get", "global/a")[0], 3)


class Versions(ToolCase):
    def setUp(self):
        super().setUp()
        for value in (b"one", b"two", b"three"):
            self.assertEqual(self.tool("set", "global/a", value=value)[0], 0)

    def history(self):
        status, text = self.tool("history", "global/a", "--json")
        self.assertEqual(status, 0, text)
        return json.loads(text)

    def test_a_history_and_the_way_back(self):
        told = self.history()
        self.assertEqual([(one["number"], one["state"]) for one in told],
                         [("3", "current"), ("2", "old"), ("1", "old")])
        self.assertEqual(self.tool("get", "--version", "1", "global/a"), (0, "one"))
        self.assertEqual(self.tool("get", "--version", told[1]["version"], "global/a"), (0, "two"))
        self.assertEqual(self.tool("rollback", "global/a", "1"), (0, ""))
        self.assertEqual(self.tool("get", "global/a"), (0, "one"))

    def test_a_deleted_secret_tells_for_how_long_and_comes_back(self):
        for words in (("--keep",), ()):
            status, text = self.tool("delete", *words, "global/a")
            self.assertEqual(status, 0, text)
            self.assertRegex(text, r"3 versions remain until 20\d\d-\d\d-\d\dT[\d:+-]+; bring it back")
            if words:
                self.assertEqual(self.tool("undelete", "global/a"), (0, ""))
        self.assertEqual(self.tool("get", "global/a")[0], 3)
        self.assertEqual({one["state"] for one in self.history()}, {"deleted"})
        self.assertTrue(self.history()[0]["recoverable_until"])
        self.assertEqual(self.tool("undelete", "global/a"), (0, ""))
        self.assertEqual(self.tool("get", "global/a"), (0, "three"))
        self.assertEqual(self.tool("undelete", "global/a")[0], 4)

    def test_everything_is_destroyed(self):
        self.assertEqual(self.tool("delete", "--destroy", "global/a")[0], 2)
        status, text = self.tool("delete", "--destroy", "--yes", "global/a")
        self.assertEqual(status, 0, text)
        self.assertIn("nothing can bring them back", text)
        self.assertEqual(self.tool("history", "global/a")[0], 3)

    def test_a_field_of_a_json_value(self):
        self.client.create_secret(Name=f"{self.prefix}/global/rds",
                                  SecretString='{"username": "u", "password": "p", "port": 5432}')
        self.assertEqual(self.tool("get", "global/rds#password"), (0, "p"))
        self.assertEqual(self.tool("get", "global/rds#port"), (0, "5432"))


class Rights(ToolCase):
    """doctor, with moto for the secrets, and the test's own STS and IAM, through the module and its store process."""

    ASK = ("Allow", "iam:SimulatePrincipalPolicy", "*")

    def doctor(self, *statements, status=0, words=("--json",), fault=lambda request: None):
        who = user("tester", policy(self.ASK, *statements))
        who.key_id, who.secret = self.moto.key_id, self.moto.secret
        with IamServer(who) as server:
            server.fault = fault
            done, text = self.tool("doctor", *words, AWS_ENDPOINT_URL_STS=server.url, AWS_ENDPOINT_URL_IAM=server.url)
            self.asked = {one for form in server.asked for one in form["ActionNames"]}
        self.assertEqual(done, status, text)
        return text

    def findings(self, *statements, **more):
        (token,) = json.loads(self.doctor(*statements, **more))
        self.assertEqual(token["health"], "ok")
        return {one["what"]: one for one in token["findings"]}

    def test_it_tells_the_operations_and_the_missing_action(self):
        below = f"arn:aws:secretsmanager:eu-west-1:123456789012:secret:{self.prefix}/*"
        lists = ("Allow", ["secretsmanager:List*", "secretsmanager:Batch*"], "*")
        told = self.findings(("Allow", "secretsmanager:*", below), lists)["capabilities"]
        self.assertTrue(told["text"].startswith("read, list, bulk read, write, make, compare-and-set, history, delete, "
                                                "undelete, destroy for "), told)
        self.assertEqual(told["remedy"], "")
        told = self.findings(("Allow", "secretsmanager:*", below), lists,
                             ("Deny", "secretsmanager:PutSecretValue", below))["capabilities"]
        self.assertTrue(told["ok"])
        self.assertIn("; not write, compare-and-set for ", told["text"])
        self.assertEqual(told["remedy"], "if that is not meant, end the Deny of secretsmanager:PutSecretValue")
        text = self.doctor(lists, words=())
        self.assertRegex(text, r"(?m)^  capabilities  list; not read, ")

    def test_a_read_only_token_asks_for_no_change(self):
        self.findings(words=("--json", "--set", "read_only=true"))
        self.assertFalse([one for one in self.asked if not one.partition(":")[2].startswith(
            ("Get", "List", "Describe", "BatchGet"))], self.asked)

    def test_iam_that_does_not_answer_costs_only_its_own_finding(self):
        told = self.findings(fault=lambda request: "stall", words=("--json", "--set", "timeout_ms=2000"))
        self.assertIn("not known: IAM does not answer at ", told["capabilities"]["text"])
        self.assertTrue(told["capabilities"]["ok"])
        self.assertIn("libcurl", told["libraries"]["text"])

    def test_status_does_not_ask(self):
        who = user("tester", policy(self.ASK))
        who.key_id, who.secret = self.moto.key_id, self.moto.secret
        with IamServer(who) as server:
            self.assertEqual(self.tool("status", AWS_ENDPOINT_URL_STS=server.url, AWS_ENDPOINT_URL_IAM=server.url)[0], 0)
            self.assertEqual(server.asked, [])


if __name__ == "__main__":
    unittest.main()
