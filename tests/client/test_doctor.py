# SPDX-License-Identifier: Apache-2.0
"""doctor: what works and what does not, in each token, and nothing left behind."""

import json
import os
import unittest
import program


class Doctor(program.StoreCase):
    def told(self, status, *options, **more):
        found = self.expect(status, "doctor", "--json", *options, **more).json()
        return {one["token"]: {name: one[name] for name in ("health", "list", "read", "write")} for one in found}

    def test_a_store_that_works(self):
        fine = {"health": "ok", "list": "ok", "read": "not tried", "write": "not tried"}
        self.assertEqual(self.told(program.OK), {"sideseat": fine})
        self.set("org/acme/a", b"x")
        self.set("org/acme/b", b"x")
        before = self.all()
        self.assertEqual(self.told(program.OK, "--write"), {"sideseat": {**fine, "read": "ok", "write": "ok"}})
        self.assertEqual(self.all(), before)
        text = self.expect(program.OK, "doctor").out.decode()
        self.assertIn("2 secrets", text)

    def test_every_token_is_tried_and_the_first_failure_is_the_status(self):
        (self.home / "sideseat.json").write_text(json.dumps({"pkcs11": {"tokens": [
            {"label": "environment", "backend": "env"},
            {"label": "away", "backend": "vault", "vault": {"address": "http://127.0.0.1:9"}},
            {"label": "files", "backend": "file"}]}}))
        store = os.environ["SIDESEAT_TEST_STORE"]
        env = {"VAULT_ADDR": None, "VAULT_TOKEN": "x", "SIDESEAT_PKCS11_STORE": store,
               "SIDESEAT_SECRETS_BACKEND": None, "SIDESEAT_SECRETS_VAULT_PREFIX": None, "SIDESEAT_SECRET_GLOBAL_A": "x"}
        told = self.told(program.UNREACHABLE, "--write", **env)
        self.assertEqual(told["environment"],
                         {"health": "ok", "list": "ok", "read": "ok", "write": "read-only"})
        self.assertEqual(told["away"]["health"], "unreachable")
        self.assertEqual(told["away"]["list"], "not tried")
        self.assertEqual(told["files"]["write"], "ok")
        self.assertEqual(list(self.told(program.OK, "-t", "files", **env)), ["files"])
        self.expect(program.NOT_FOUND, "doctor", "-t", "nowhere", **env)

    def test_a_damaged_store_is_found(self):
        if program.VAULT["VAULT_ADDR"] is not None:
            self.env["SIDESEAT_SECRETS_BACKEND"] = "file"
        self.data.mkdir(mode=0o700)
        path = self.data / "secrets.json"
        path.write_text("not JSON")
        path.chmod(0o600)
        self.assertEqual(self.told(program.DAMAGED)["sideseat"]["health"], "damaged")


if __name__ == "__main__":
    unittest.main()
