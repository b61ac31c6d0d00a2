# SPDX-License-Identifier: Apache-2.0
"""Whole programs on AWS: p11tool and sideseat-secrets on the module, in process and through
`p11-kit server`, with moto as AWS. Run by with_botocore.py."""

import base64
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import boto3

from aws_store import clean_environment
import aws_venv
from with_moto import Moto

MODULE = os.environ["SIDESEAT_TEST_MODULE"]
PROGRAM = os.environ["SIDESEAT_TEST_STORE"]
TOOL = os.environ["SIDESEAT_TEST_TOOL"]
COUNT = 1000


@unittest.skipUnless(shutil.which("p11tool") or os.environ.get("CI") == "true", "no p11tool")
class Module(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.moto = Moto(aws_venv.python())
        cls.home = tempfile.TemporaryDirectory()
        client = boto3.client(
            "secretsmanager", region_name="eu-west-1", endpoint_url=cls.moto.url,
            aws_access_key_id=cls.moto.key_id, aws_secret_access_key=cls.moto.secret)
        for i in range(COUNT):
            client.create_secret(Name=f"sideseat/org/acme/n{i:04}", SecretString=f"value-{i}")

    @classmethod
    def tearDownClass(cls):
        cls.moto.__exit__()
        cls.home.cleanup()

    def environment(self, **more):
        return clean_environment(self.home.name, **{
            "AWS_ACCESS_KEY_ID": self.moto.key_id, "AWS_SECRET_ACCESS_KEY": self.moto.secret,
            "AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": self.moto.url,
            "SIDESEAT_SECRETS_BACKEND": "aws", "SIDESEAT_PKCS11_STORE": PROGRAM,
            "SIDESEAT_PKCS11_MODULE": MODULE, **more})

    def run_program(self, *words, **more):
        done = subprocess.run(words, env=self.environment(**more), capture_output=True, timeout=120,
                              stdin=subprocess.DEVNULL, check=False)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        return done.stdout

    def p11tool(self, *words, module=MODULE, **more):
        return self.run_program("p11tool", "--provider", module, *words, **more)

    URL = "pkcs11:token=sideseat;type=data"

    def test_listing_a_thousand_secrets_takes_sixty_requests(self):
        self.moto.control("reset")
        out = self.p11tool("--list-all", self.URL)
        self.assertEqual(out.count(b"Label: org/acme/n"), COUNT)
        counts = self.moto.control("counts")
        self.assertLessEqual(counts.get("ListSecrets", 0), 10)
        self.assertLessEqual(counts.get("BatchGetSecretValue", 0), 50)
        self.assertEqual(counts.get("GetSecretValue", 0), 0)

    def test_a_hundred_threads_that_ask_for_one_key_make_one_request(self):
        self.moto.control("reset")
        script = pathlib.Path(__file__).with_name("hundred_threads.py")
        found = self.run_program(sys.executable, "-B", str(script), MODULE, "org/acme/n0500")
        self.assertEqual(found.strip(), b"100")
        counts = self.moto.control("counts")
        counts.pop("connections")
        self.assertEqual(counts, {"GetSecretValue": 1})

    def test_a_value_is_exported(self):
        out = self.p11tool("--export", "pkcs11:token=sideseat;object=org%2Facme%2Fn0007;type=data")
        self.assertIn(base64.b64encode(b"value-7"), out)

    def test_people_s_program_sets_and_gets(self):
        subprocess.run([TOOL, "set", "org/acme/mine"], env=self.environment(), input=b"mine",
                       check=True, timeout=60)
        self.assertEqual(self.run_program(TOOL, "get", "org/acme/mine").strip(), b"mine")
        self.run_program(TOOL, "delete", "--destroy", "--yes", "org/acme/mine")

    @unittest.skipUnless(shutil.which("p11-kit") or os.environ.get("CI") == "true", "no p11-kit")
    def test_it_works_through_p11_kit_server(self):
        client = next((str(path) for path in pathlib.Path("/usr/lib").glob(
            "*/pkcs11/p11-kit-client.so")), None)
        if client is None:
            self.skipTest("no p11-kit-client.so")
        socket = pathlib.Path(self.home.name) / "p11"
        server = subprocess.Popen(
            ["p11-kit", "server", "--foreground", "--provider", MODULE, "--name", str(socket),
             "pkcs11:token=sideseat"], env=self.environment(), stdout=subprocess.PIPE)
        try:
            server.stdout.readline()  # it says where it listens once it does
            out = self.p11tool("--export",
                               "pkcs11:token=sideseat;object=org%2Facme%2Fn0009;type=data",
                               module=client, P11_KIT_SERVER_ADDRESS=f"unix:path={socket}")
            self.assertIn(base64.b64encode(b"value-9"), out)
        finally:
            server.terminate()
            server.wait(timeout=10)
            server.stdout.close()


if __name__ == "__main__":
    unittest.main()
