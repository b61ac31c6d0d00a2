# SPDX-License-Identifier: Apache-2.0
"""copy: from a file to a store and back, in every state of both, and killed at any point."""

import json
import os
import random
import signal
import subprocess
import time
import unittest
import program


class Copy(program.StoreCase):
    """`here` is a file, `there` the store of the test: another file, Vault, AWS or a keyring."""

    def setUp(self):
        super().setUp()
        there = {"label": "there", "backend": self.env.pop("SIDESEAT_SECRETS_BACKEND")}
        if there["backend"] == "file":
            there["data_dir"] = str(self.home / "there")
        text = json.loads((self.home / "sideseat.json").read_text())
        text["pkcs11"] = {"tokens": [{"label": "here", "backend": "file"}, there]}
        (self.home / "sideseat.json").write_text(json.dumps(text))

    def put(self, token, **secrets):
        for key, value in secrets.items():
            self.set(key, value.encode(), "-t", token)

    def all(self, token="there"):  # pylint: disable=arguments-differ
        text = self.expect(program.OK, "export", "--format", "json", "-t", token).out
        return json.loads(text)

    def fill(self, token, secrets):
        self.expect(program.OK, "import", "-t", token, "--overwrite", stdin=json.dumps(secrets).encode())

    def copy(self, status, *arguments, source="here", target="there"):
        return self.expect(status, "copy", source, target, *arguments, "--json").json()

    def test_everything_there_and_back(self):
        secrets = {"global/a": "one", "org/acme/b c": "zwei\n", "user/ü/d": "\0\x7f", "project/p/x/y": "x" * 5000}
        self.fill("here", secrets)
        told = self.copy(program.OK)
        self.assertEqual((told["written"], told["equal"]), (4, 0))
        self.assertEqual(self.all(), secrets)
        again = self.copy(program.OK)
        self.assertEqual((again["written"], again["equal"]), (0, 4))
        self.expect(program.OK, "delete", "-t", "here", *secrets)
        self.copy(program.OK, source="there", target="here")
        self.assertEqual(self.all("here"), secrets)

    def test_values_that_are_no_text(self):
        value = bytes(range(256)) * 4
        self.set("a", value, "-t", "here")
        self.copy(program.OK)
        self.assertEqual(self.expect(program.OK, "get", "a", "-t", "there").out, value)

    def test_keys_and_beginnings_choose(self):
        secrets = {"global/a": "1", "org/acme/a": "2", "org/acme/b/c": "3", "org/acme-prod/a": "4"}
        self.fill("here", secrets)
        self.copy(program.OK, "org/acme/")
        self.assertEqual(set(self.all()), {"org/acme/a", "org/acme/b/c"})
        self.copy(program.OK, "a", "org/acme-prod/a")
        self.assertEqual(self.all(), secrets)
        self.assertEqual(self.copy(program.OK, "org/acme/b/")["equal"], 1)
        for wrong in ("team/", "org//", "/", "team/a/b", "pkcs11:object=a"):
            self.expect(program.USAGE, "copy", "here", "there", wrong)
        self.expect(program.NOT_FOUND, "copy", "here", "there", "none")

    def test_another_value_is_a_conflict_unless_told(self):
        self.put("here", a="new", b="same", c="only here")
        self.put("there", a="old", b="same")
        told = self.copy(program.CONFLICT)
        self.assertEqual((told["written"], told["equal"], told["conflicting"]), (1, 1, 1))
        self.assertEqual(self.all(), {"global/a": "old", "global/b": "same", "global/c": "only here"})
        told = self.copy(program.OK, "--if-absent")
        self.assertEqual((told["kept"], told["equal"]), (1, 2))
        self.assertEqual(self.all()["global/a"], "old")
        told = self.copy(program.OK, "--overwrite")
        self.assertEqual((told["written"], told["equal"]), (1, 2))
        self.assertEqual(self.all()["global/a"], "new")
        self.expect(program.USAGE, "copy", "here", "there", "--overwrite", "--if-absent")

    def test_a_dry_run_changes_nothing(self):
        self.put("here", a="new", b="same", c="only here")
        self.put("there", a="old", b="same")
        told = self.copy(program.OK, "--dry-run", "--overwrite")
        self.assertEqual({one["key"]: one["state"] for one in told["secrets"]},
                         {"global/a": "different", "global/b": "equal", "global/c": "absent"})
        self.copy(program.CONFLICT, "--dry-run")
        text = self.expect(program.OK, "copy", "here", "there", "--dry-run", "--move", "--if-absent").out.decode()
        self.assertIn("global/c: absent\n", text)
        self.assertEqual(len(self.all()), 2)
        self.assertEqual(len(self.all("here")), 3)

    def test_move_deletes_what_arrived(self):
        self.put("here", a="new", b="same", c="only here")
        self.put("there", a="old", b="same")
        self.copy(program.CONFLICT, "--move")
        self.assertEqual(self.all("here"), {"global/a": "new"})
        self.assertEqual(self.all(), {"global/a": "old", "global/b": "same", "global/c": "only here"})
        self.copy(program.OK, "--move", "--overwrite")
        self.assertEqual(self.all("here"), {})
        self.assertEqual(self.all()["global/a"], "new")

    def test_mistakes(self):
        for wrong in ((), ("here",), ("here", "here"), ("here", "there", "-t", "here")):
            self.expect(program.USAGE, "copy", *wrong)
        self.expect(program.NOT_FOUND, "copy", "here", "nowhere")
        self.expect(program.NOT_FOUND, "copy", "nowhere", "there")

    def test_a_summary_in_words(self):
        self.put("here", a="1", b="2")
        self.assertEqual(self.expect(program.OK, "copy", "here", "there").out, b"2 written\n")
        self.assertEqual(self.expect(program.OK, "copy", "here", "there").out, b"2 equal\n")

    def test_killed_at_any_point_it_loses_nothing_and_continues(self):
        rounds = 8
        secrets = {f"org/o{n % 3}/k{n}": f"value {n}" * 9 for n in range(60)}
        self.fill("here", secrets)
        for number in range(rounds):
            with subprocess.Popen([program.TOOL, "copy", "here", "there", "--move"], env=self.env,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
                time.sleep(random.uniform(0, 1.5) * (number + 1) / rounds)
                os.kill(process.pid, signal.SIGKILL)
            here, there = self.all("here"), self.all()
            self.assertEqual({**here, **there}, secrets)
            for key in set(here) & set(there):
                self.assertEqual(here[key], there[key])
        self.copy(program.OK, "--move")
        self.assertEqual((self.all("here"), self.all()), ({}, secrets))

    def test_a_target_that_stops_working_ends_the_copy_and_loses_nothing(self):
        secrets = {f"global/k{n}": "x" for n in range(40)}
        self.fill("here", secrets)
        (self.home / "sideseat.json").write_text(json.dumps({"pkcs11": {"tokens": [
            {"label": "here", "backend": "file"},
            {"label": "there", "backend": "vault", "vault": {"address": "http://127.0.0.1:9", "auth":
             {"method": "none"}}}]}}))
        self.expect(program.UNREACHABLE, "copy", "here", "there", "--move", VAULT_ADDR=None,
                    SIDESEAT_PKCS11_STORE=os.environ.get("SIDESEAT_TEST_STORE"))
        self.assertEqual(self.all("here"), secrets)


if __name__ == "__main__":
    unittest.main()
