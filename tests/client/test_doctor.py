# SPDX-License-Identifier: Apache-2.0
"""doctor: what works and what does not, in each token, and nothing left behind."""

import http.server
import json
import os
import threading
import unittest
import urllib.request
import program


class Together(http.server.BaseHTTPRequestHandler):
    """A Vault that answers nobody before two have asked."""

    both = threading.Barrier(2, timeout=8)

    def do_GET(self):
        if self.path.startswith("/v1/sys/health"):
            try:
                self.both.wait()
            except threading.BrokenBarrierError:
                return
            return self.reply(200, {"initialized": True, "sealed": False, "version": "9.9.9"})
        return self.reply(403, {"errors": ["permission denied"]})

    do_POST = do_GET

    def reply(self, status, body):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


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

    def findings(self, status=program.OK, **more):
        (token,) = self.expect(status, "doctor", "--json", **more).json()
        return {one["what"]: one for one in token["findings"]}

    def test_the_versions_are_told(self):
        found = self.findings()
        self.assertRegex(found["module"]["text"], r"^sideseat-pkcs11 \d+\.\d+\.\d+$")
        if program.VAULT["VAULT_ADDR"] is not None:
            version = found["module"]["text"].split()[1]
            self.assertEqual(found["store program"]["text"],
                             f"sideseat-store {version}, {self.env['SIDESEAT_PKCS11_STORE']}")
            self.assertRegex(found["server"]["text"], r"^version \S+ at http")
            self.assertRegex(found["libraries"]["text"], r"^libcurl/\S+ OpenSSL/")
            self.assertIn("policies root", found["token"]["text"])
        if self.env["SIDESEAT_SECRETS_BACKEND"] == "secret-service":
            self.assertIn("unix:", found["bus"]["text"])
            self.assertRegex(found["service"]["text"], r"^\S+, process \d+ of user \d+$")
            self.assertRegex(found["libraries"]["text"], r"^GLib \d.*, libsecret \d")
        if self.env["SIDESEAT_SECRETS_BACKEND"] == "aws":
            self.assertIn("arn:aws:", found["identity"]["text"])
            self.assertRegex(found["libraries"]["text"], r"^libcurl/\S+ OpenSSL/")
            # moto does not simulate policies; tests/cloud/aws has an IAM that does
            self.assertRegex(found.pop("capabilities")["text"], "^not known: the answer of .* is not IAM's ")
        self.assertTrue(all(one["ok"] and one["remedy"] == "" for one in found.values()), found)
        text = self.expect(program.OK, "doctor").out.decode()
        self.assertRegex(text, r"(?m)^  module +sideseat-pkcs11 ")

    def test_a_file_that_others_can_read_is_a_finding(self):
        self.env["SIDESEAT_SECRETS_BACKEND"] = "file"
        self.set("org/acme/a", b"x")
        self.assertIn("has mode 0600", self.findings()["file"]["text"])
        self.data.chmod(0o755)
        (self.data / "secrets.json").chmod(0o644)
        found = self.findings(program.DENIED)
        for what, path, mode in (("folder", self.data, "700"), ("file", self.data / "secrets.json", "600")):
            self.assertFalse(found[what]["ok"])
            self.assertEqual(found[what]["remedy"], f"close it to others with: chmod {mode} {path}")
        err = self.expect(program.DENIED, "doctor").err
        self.assertIn(f"chmod 600 {self.data}/secrets.json", err)

    def test_a_text_may_be_cut_in_a_character(self):
        """A store's texts have room for a part of a long path."""
        self.env["SIDESEAT_SECRETS_BACKEND"] = "file"
        for name in ("é" * 90, "a" + "é" * 90):
            self.env["SIDESEAT_DATA_DIR"] = str(self.data / name)
            self.set("org/acme/a", b"x")
            (token,) = self.expect(program.OK, "status", "--json").json()["tokens"]
            self.assertIn("1 secrets in /", token["health"]["text"])
            self.assertIn("ééé", self.findings()["folder"]["text"])

    def vault(self, path, body):
        request = urllib.request.Request(
            f"{self.env['VAULT_ADDR']}/v1/{path}", json.dumps(body).encode(), method="POST",
            headers={"X-Vault-Token": self.env["VAULT_TOKEN"]})
        with urllib.request.urlopen(request, timeout=20) as reply:
            text = reply.read()
        return json.loads(text) if text else None

    def token(self, *lines, **more):
        """A token whose policy has these lines."""
        prefix = self.env["SIDESEAT_SECRETS_VAULT_PREFIX"]
        self.vault(f"sys/policies/acl/{prefix}", {"policy": "\n".join(
            f'path "secret/{part}/{prefix}/*" {{ capabilities = {json.dumps(rights)} }}'
            for part, rights in lines)})
        made = self.vault("auth/token/create", {"policies": [prefix], "ttl": "1h", **more})
        return made["auth"]["client_token"]

    def test_the_capabilities_of_a_token(self):
        if program.VAULT["VAULT_ADDR"] is None:
            self.skipTest("for Vault")
        self.set("global/any", b"x")
        all_rights = "read, list, write, make, history, delete, undelete, destroy below "
        self.assertTrue(self.findings()["capabilities"]["text"].startswith(all_rights))
        told = self.findings(VAULT_TOKEN=self.token(
            ("data", ["create", "read", "update"]), ("metadata", ["list", "read", "delete"]), ("delete", ["update"]),
            ("undelete", ["update"])))
        self.assertTrue(told["capabilities"]["text"].startswith(all_rights))
        self.assertIn("; it expires in ", told["token"]["text"])
        told = self.findings(VAULT_TOKEN=self.token(("data", ["read"]), ("metadata", ["list"])))
        self.assertTrue(told["capabilities"]["text"].startswith(
            "read, list; not write, make, history, delete, undelete, destroy below "))
        self.assertIn("add it to a policy", told["capabilities"]["remedy"])
        told = self.findings(VAULT_TOKEN=self.token(("data", ["read"]), ("metadata", ["list"]), no_default_policy=True))
        self.assertIn("not known", told["capabilities"]["text"])
        self.assertIn('the policy "default"', told["capabilities"]["remedy"])

    def test_nothing_is_written_that_could_not_be_deleted(self):
        if program.VAULT["VAULT_ADDR"] is None:
            self.skipTest("for Vault")
        rights = (("data", ["read", "create", "update"]), ("metadata", ["list", "read"]))
        result = self.expect(program.DENIED, "doctor", "--write", "--json", VAULT_TOKEN=self.token(*rights))
        self.assertEqual(result.json()[0]["write"], "not tried")
        self.assertIn("may not delete", result.err)
        self.assertEqual(self.expect(program.OK, "list").out, b"")
        # the capabilities are not known
        token = self.token(*rights, no_default_policy=True)
        result = self.expect(program.DENIED, "doctor", "--write", "--json", VAULT_TOKEN=token)
        self.assertEqual(result.json()[0]["write"], "denied")
        (left,) = self.expect(program.OK, "list").out.decode().split()
        self.assertTrue(left.startswith("global/sideseat-doctor-"))
        self.assertIn(f"{left} remains; delete it with: sideseat-secrets delete -t sideseat {left}", result.err)

    def test_all_tokens_are_examined_at_the_same_time(self):
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Together) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            address = f"http://127.0.0.1:{server.server_address[1]}"
            (self.home / "sideseat.json").write_text(json.dumps({"pkcs11": {"tokens": [
                {"label": name, "backend": "vault", "vault": {"address": address}} for name in ("one", "two")]}}))
            env = {"VAULT_ADDR": None, "VAULT_TOKEN": "x", "SIDESEAT_SECRETS_BACKEND": None,
                   "SIDESEAT_PKCS11_STORE": os.environ["SIDESEAT_TEST_STORE"]}
            result = self.run_tool("doctor", "--json", **env).json()
            server.shutdown()
        self.assertNotIn("unreachable", [one["health"] for one in result], result)
        self.assertEqual(len(result), 2)

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
        for command in ("doctor", "status"):
            self.assertIn("no token 'nowhere'; list the tokens with: sideseat-secrets status\n",
                          self.expect(program.NOT_FOUND, command, "-t", "nowhere", **env).err)

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
