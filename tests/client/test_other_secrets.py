# SPDX-License-Identifier: Apache-2.0
"""The secrets with the passphrase and the certificates of a key that are missing, or that the store
denies: each with its own reason, in the status and in the log."""

import json
import subprocess
import unittest
import urllib.request

import program

PASSPHRASE = "correct horse"


class OtherSecrets(program.StoreCase):
    def setUp(self):
        super().setUp()
        program.need(self, "openssl")
        plain = subprocess.run(["openssl", "genpkey", "-algorithm", "ED25519"], check=True, capture_output=True).stdout
        locked = subprocess.run(["openssl", "pkcs8", "-topk8", "-passout", f"pass:{PASSPHRASE}"], input=plain,
                                check=True, capture_output=True).stdout
        (self.home / "sideseat.json").write_text(json.dumps({"pkcs11": {"keys": [
            {"key": "org/acme/locked", "passphrase": "org/other/passphrase"},
            {"key": "org/acme/t*", "certificate": "org/other/chain"}]}}))
        self.set("org/acme/locked", locked)
        self.set("org/acme/tls", plain)
        self.set("org/acme/text", b"not a key")

    def deny(self, *keys):
        """Has Vault deny these from now on."""
        prefix = self.env["SIDESEAT_SECRETS_VAULT_PREFIX"]
        denied = "".join(f'path "secret/data/{prefix}/{key}" {{ capabilities = ["deny"] }}\n' for key in keys)
        self.call(f"sys/policies/acl/{prefix}",
                  policy=f'path "secret/*" {{ capabilities = ["read", "list"] }}\n{denied}')
        self.env["VAULT_TOKEN"] = self.call("auth/token/create", policies=[prefix])["auth"]["client_token"]

    def call(self, path, **data):
        request = urllib.request.Request(f"{self.env['VAULT_ADDR']}/v1/{path}", json.dumps(data).encode(),
                                         {"X-Vault-Token": self.env["VAULT_TOKEN"]})
        with urllib.request.urlopen(request, timeout=30) as reply:
            return json.loads(reply.read() or b"{}")

    def expect_faults(self, **faults):
        """Checks the status, and that the log of a program says the same once."""
        for name, text in faults.items():
            faults[name] = f"org/acme/{name} {text}"
        told = self.expect(program.OK, "status", "--json").json()["tokens"][0]["faulty_keys"]
        self.assertEqual(sorted(f"{one['key']} {one['fault']}" for one in told), sorted(faults.values()))
        said = self.expect(program.OK, "jwks").err
        for text in faults.values():
            self.assertEqual(said.count(text), 1, said)

    def test_a_missing_one_is_named(self):
        self.expect_faults(
            locked="needs the passphrase in another secret: org/other/passphrase does not exist; store it, or correct "
                   "pkcs11.keys",
            tls="has its certificates in another secret: org/other/chain does not exist; store it, or correct pkcs11.keys")
        self.expect(program.OK, "sign", "org/acme/tls", stdin=b"x")
        self.expect(program.NOT_FOUND, "sign", "org/acme/locked", stdin=b"x")
        self.set("org/other/passphrase", PASSPHRASE.encode())
        self.set("org/other/chain", b"no certificates yet")
        self.expect_faults()
        self.expect(program.OK, "sign", "org/acme/locked", stdin=b"x")
        self.set("org/other/passphrase", b"wrong")
        self.expect_faults(locked="holds an encrypted key that the passphrase does not open; correct the passphrase")

    def test_a_denied_one_is_named(self):
        if self.env["SIDESEAT_SECRETS_BACKEND"] != "vault":
            self.skipTest("this store denies all or nothing")
        self.set("org/other/passphrase", PASSPHRASE.encode())
        self.set("org/other/chain", b"no certificates yet")
        self.deny("org/other/passphrase", "org/other/chain")
        why = "may not be read; have the store's owner allow it, or correct pkcs11.keys"
        self.expect_faults(locked=f"needs the passphrase in another secret: org/other/passphrase {why}",
                           tls=f"has its certificates in another secret: org/other/chain {why}")


if __name__ == "__main__":
    unittest.main()
