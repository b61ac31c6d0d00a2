# SPDX-License-Identifier: Apache-2.0
"""Real input, through p11tool and pkcs11-tool, in process and through `p11-kit server`: a file as
sideseat's first version wrote it, a file with 10,000 secrets, and the environment's table. The tools'
output is compared with the Python library's reading of the file."""

import base64
import itertools
import random
import re
import unittest
import urllib.parse

import interop

interop.need("p11tool", "pkcs11-tool", "p11-kit")

TIMES = {"created_at": "2024-01-01T00:00:00.123456789Z", "updated_at": "2024-02-29T12:00:00.1Z"}
VERSION_1 = {"jwt_signing_key": "00" * 31 + "ff", "api_key_secret": "aa" * 32, "openai_api_key": "sk-1\n",
             "clé": "valeur é"}
ENVIRONMENT = {
    "global/jwt_signing_key": ("SIDESEAT_SECRET_GLOBAL_JWT_SIGNING_KEY", "ab" * 32),
    "org/acme/api_key": ("SIDESEAT_SECRET_ORG_ACME_API_KEY", "sk-env-1"),
    "project/p1/token": ("SIDESEAT_SECRET_PROJECT_P1_TOKEN", "tökén\n"),
    "user/u1/personal_token": ("SIDESEAT_SECRET_USER_U1_PERSONAL_TOKEN", "x"),
}
COUNT = 10000
PYTHON = interop.client("python-pkcs11")[0]

# Through a server: searches by the vendor attributes, one label a line; then a life of a secret.
SCOPES = """
import sys, PyKCS11
from PyKCS11 import *
BASE = CKA_VENDOR_DEFINED | 0x53530000
lib = PyKCS11.PyKCS11Lib()
lib.load(sys.argv[1])
session = lib.openSession(lib.getSlotList(tokenPresent=True)[0], CKF_SERIAL_SESSION | CKF_RW_SESSION)
wanted = [(CKA_CLASS, CKO_DATA), (BASE + 1, sys.argv[2].encode()), (BASE + 2, sys.argv[3].encode())]
for secret in session.findObjects(wanted):
    label, name, created = session.getAttributeValue(secret, [CKA_LABEL, BASE + 3, BASE + 4])
    print(label, bytes(name).decode(), bytes(created).decode(), sep="|")
"""


def many():
    """A document of version 2 with 10,000 secrets, the same each time."""
    number = random.Random(4231)
    scopes = itertools.cycle(["global", "org/acme", "org/acme-prod", "project/p1", "user/josé"])
    names = itertools.cycle(["key", "clé", "鍵", "ключ ü", "a;b?c%d"])
    secrets = {}
    for i, scope, name in zip(range(COUNT), scopes, itertools.chain.from_iterable(
            itertools.repeat(name, 7) for name in names)):
        value = number.choice([
            {"value": f"secret {i}"}, {"value": f"nul\0in {i}\n"}, {"value": f"ünï {i} 鍵"},
            {"value": base64.b64encode(number.randbytes(1 + i % 300)).decode(), "encoding": "base64"}])
        secrets[f"{scope}/{name}_{i}"] = {**value, "metadata": TIMES}
    return {"version": 2, "secrets": secrets}


class Input(interop.Case):
    """In process. Remote below runs the same cases through a server."""

    remote = False

    def begin(self, **env):
        """Called when the store is in place."""
        self.env.update(env)
        self.module = interop.MODULE
        if self.remote:
            self.module = interop.p11kit_client()
            interop.serve(self)

    def p11tool_labels(self):
        urls = self.out("p11tool", "--provider", self.module, "--list-all", "--only-urls",
                        "pkcs11:token=sideseat;type=data").decode()
        return sorted(urllib.parse.unquote(label) for label in re.findall(r"object=([^;\n]*)", urls))

    def opensc_labels(self):
        listed = self.out("pkcs11-tool", "--module", self.module, "-O", "--type", "data").decode()
        return sorted(re.findall(r"^ *label: *'(.*)'$", listed, re.M))

    def check(self, expected, sample=None):
        """Both tools list exactly these, and give each value, or those of a sample, byte by byte."""
        labels = sorted(expected)
        self.assertEqual(self.p11tool_labels(), labels)
        self.assertEqual(self.opensc_labels(), labels)
        for label in sample or labels:
            uri = f"pkcs11:token=sideseat;object={urllib.parse.quote(label, safe='')};type=data"
            self.assertEqual(self.out("p11tool", "--provider", self.module, "--export", "--outraw",
                                      uri), expected[label], label)
            self.assertEqual(self.out("pkcs11-tool", "--module", self.module, "--read-object",
                                      "--type", "data", "--label", label), expected[label], label)

    def scope(self, scope, scope_id):
        lines = self.out(PYTHON, "-c", SCOPES, self.module, scope, scope_id).decode().splitlines()
        return sorted(tuple(line.split("|")) for line in lines)

    def test_file_of_version_1_is_migrated_and_read(self):
        old = {"secrets": {name: {"value": value, "metadata": TIMES} for name, value in VERSION_1.items()}}
        self.document(old)
        self.begin()
        self.check({f"global/{name}": value.encode() for name, value in VERSION_1.items()})
        path = self.data / "secrets.json"
        self.assertEqual(interop.read_file(path),
                         {f"global/{name}": value.encode() for name, value in VERSION_1.items()})
        self.assertEqual(self.scope("global", ""),
                         sorted((f"global/{name}", name, TIMES["created_at"]) for name in VERSION_1))

    def test_ten_thousand_secrets_are_listed_and_read(self):
        self.document(many())
        expected = interop.read_file(self.data / "secrets.json")
        self.assertEqual(len(expected), COUNT)
        self.begin()
        self.check(expected, random.Random(1).sample(sorted(expected), 20))
        found = self.scope("org", "acme")
        self.assertEqual([label for label, _, _ in found],
                         sorted(key for key in expected if key.startswith("org/acme/")))
        self.assertTrue(all(created == TIMES["created_at"] for _, _, created in found))
        self.create_and_delete(expected)

    def create_and_delete(self, expected):
        """A secret is added and removed, and the other 10,000 stay as they are."""
        value = bytes(range(256))
        (self.home / "value").write_bytes(value)
        self.out("pkcs11-tool", "--module", self.module, "--write-object", "value", "--type", "data",
                 "--label", "user/josé/neu", "--private")
        self.assertEqual(interop.read_file(self.data / "secrets.json"),
                         {**expected, "user/josé/neu": value})
        self.check({**expected, "user/josé/neu": value}, ["user/josé/neu"])
        self.out("pkcs11-tool", "--module", self.module, "--delete-object", "--type", "data",
                 "--label", "user/josé/neu")
        self.assertEqual(interop.read_file(self.data / "secrets.json"), expected)

    def test_environment_is_listed_read_and_write_protected(self):
        variables = {name: value for name, value in ENVIRONMENT.values()}
        self.begin(SIDESEAT_SECRETS_BACKEND="env", **variables)
        self.check({key: value.encode() for key, (_, value) in ENVIRONMENT.items()})
        self.assertEqual([label for label, _, _ in self.scope("org", "acme")], ["org/acme/api_key"])
        (self.home / "value").write_bytes(b"new")
        done = self.start("pkcs11-tool", "--module", self.module, "--write-object", "value", "--type",
                          "data", "--label", "org/acme/api_key", "--private")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(b"CKR_TOKEN_WRITE_PROTECTED", done.stdout + done.stderr)


class Local(Input):
    pass


class Remote(Input):
    remote = True


if __name__ == "__main__":
    del Input
    unittest.main()
