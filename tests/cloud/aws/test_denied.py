# SPDX-License-Identifier: Apache-2.0
"""The cost of a listing of denied secrets: the module's side of the backend, with its cache and a
store process, and moto as AWS. Run by with_botocore.py."""

import json
import os
import tempfile
import unittest

import boto3

from aws_store import Store, clean_environment
import aws_venv
from with_moto import Moto

HOST = os.environ["SIDESEAT_TEST_HOST"]
PROGRAM = os.environ["SIDESEAT_TEST_STORE"]
KEYS = [f"org/acme/n{i:02}" for i in range(40)]
POLICY = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "secretsmanager:ListSecrets", "Resource": "*"}]}


class Denied(unittest.TestCase):
    def setUp(self):
        self.moto = Moto(aws_venv.python())
        self.addCleanup(self.moto.__exit__)
        home = tempfile.TemporaryDirectory()
        self.addCleanup(home.cleanup)
        owner = {"region_name": "eu-west-1", "endpoint_url": self.moto.url,
                 "aws_access_key_id": self.moto.key_id, "aws_secret_access_key": self.moto.secret}
        secrets = boto3.client("secretsmanager", **owner)
        for key in KEYS:
            secrets.create_secret(Name=f"sideseat/{key}", SecretString="value")
        iam = boto3.client("iam", **owner)
        iam.create_user(UserName="lister")
        iam.put_user_policy(UserName="lister", PolicyName="list", PolicyDocument=json.dumps(POLICY))
        key = iam.create_access_key(UserName="lister")["AccessKey"]
        self.environment = clean_environment(home.name, **{
            "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]})

    def test_a_denied_secret_is_asked_for_once_and_all_are_one_line(self):
        self.moto.control("reset")
        with Store(self.environment, f"store.program={PROGRAM}", "aws.region=eu-west-1",
                   f"aws.endpoint_url={self.moto.url}", "timeout_ms=30000", program=HOST) as store:
            self.assertEqual(store.ask("list", "-")[0], "OK")
            for some in (KEYS[:20], KEYS):
                err, lines = store.ask("many", *some)
                self.assertEqual(err, "OK")
                self.assertEqual([line.split()[1] for line in lines], ["DENIED"] * len(some))
            for key in KEYS:
                for _ in range(20):
                    self.assertEqual(store.read(key), "<DENIED>")
            counts = self.moto.control("counts")
            log = store.log()
        self.assertEqual(counts["GetSecretValue"], 40)
        self.assertEqual(counts["BatchGetSecretValue"], 1)
        lines = [line for line in log.splitlines() if "GetSecretValue" in line]
        self.assertEqual(len(lines), 1, log)
        self.assertIn("(and 19 more like this)", lines[0])


if __name__ == "__main__":
    unittest.main()
