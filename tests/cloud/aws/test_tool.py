# SPDX-License-Identifier: Apache-2.0
"""sideseat-secrets on secrets of AWS without a value, with moto. Run by with_botocore.py."""

import os
import subprocess
import unittest

from moto_case import MotoCase

MODULE = os.environ["SIDESEAT_TEST_MODULE"]
PROGRAM = os.environ["SIDESEAT_TEST_STORE"]
TOOL = os.environ["SIDESEAT_TEST_TOOL"]


class NoValue(MotoCase):
    def empty(self, key):
        self.client.create_secret(Name=f"{self.prefix}/{key}")

    def tool(self, *words, value=b""):
        """The exit status, and the output."""
        environment = self.environment(**{
            "SIDESEAT_SECRETS_BACKEND": "aws", "SIDESEAT_SECRETS_AWS_PREFIX": self.prefix,
            "SIDESEAT_PKCS11_STORE": PROGRAM, "SIDESEAT_PKCS11_MODULE": MODULE})
        done = subprocess.run([TOOL, *words], env=environment, input=value, capture_output=True,
                              timeout=60, check=False)
        return done.returncode, (done.stdout + done.stderr).decode()

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


if __name__ == "__main__":
    unittest.main()
