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
import states


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
        for wrong in ("team/", "org//", "/", "team/a/b"):
            self.expect(program.USAGE, "copy", "here", "there", wrong)
        self.expect(program.NOT_FOUND, "copy", "here", "there", "none")

    def test_named_keys_are_looked_up_alone(self):
        self.fill("here", {f"org/acme/k{n}": "x" for n in range(30)})
        log = self.home / "audit"
        told = self.expect(program.OK, "copy", "here", "there", "org/acme/k3", "org/acme/k7", "org/acme/k3",
                           "--set", f"audit.target={log}", "--json").json()
        self.assertEqual(told["written"], 2)
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        self.assertEqual({line["key"] for line in lines if line.get("key")}, {"org/acme/k3", "org/acme/k7"})
        self.expect(program.NOT_FOUND, "copy", "here", "there", "org/acme/k3", "none")

    def test_named_keys_need_no_listing(self):
        if self.env.get("VAULT_ADDR") is None:
            self.skipTest("for Vault")
        self.put("there", a="1", b="2")
        prefix = self.env["SIDESEAT_SECRETS_VAULT_PREFIX"]
        reads = states.vault_token(f'path "secret/data/{prefix}/*" {{ capabilities = ["read"] }}')
        self.expect(program.OK, "copy", "there", "here", "a", VAULT_TOKEN=reads)
        self.assertEqual(self.all("here"), {"global/a": "1"})
        self.expect(program.DENIED, "copy", "there", "here", VAULT_TOKEN=reads)

    def test_each_damaged_secret_is_told_with_its_own_reason(self):
        if self.env.get("VAULT_ADDR") is None:
            self.skipTest("for Vault")
        prefix = self.env["SIDESEAT_SECRETS_VAULT_PREFIX"]
        for name, data in (("empty", {}), ("ev", {"value": ""}), ("vo", {"value": {"a": 1}})):
            states.vault_api(f"secret/data/{prefix}/global/{name}", data=data)
        for _ in range(10):
            for words in (("copy", "there", "here"), ("export", "--force", "-t", "there"),
                          ("run", "--all", "-s", "global", "-t", "there", "true")):
                # nothing of the module's log but its reason in the message
                result = self.expect(program.DAMAGED, *words, SIDESEAT_PKCS11_LOG=None,
                                     SIDESEAT_PKCS11_LOG_FILE=None)
                self.assertIn("cannot read global/", result.err)
                self.assertNotRegex(result.err, rf"cannot read global/(\w+): vault: secret/{prefix}/global/(?!\1 )")
                self.assertRegex(result.err, rf"vault: secret/{prefix}/global/\w+ is empty or has a")

    def test_a_uri_names_a_key_of_the_source(self):
        self.put("here", a="1", b="2", c="3")
        uri = self.expect(program.OK, "uri", "-t", "here", "a").out.decode().strip()
        self.assertEqual(self.copy(program.OK, uri, "pkcs11:object=b")["written"], 2)
        self.assertEqual(self.all(), {"global/a": "1", "global/b": "2"})
        other = self.expect(program.OK, "uri", "-t", "there", "c").out.decode().strip()
        for wrong in (other, "pkcs11:token=nowhere;object=c", "pkcs11:object=org%2fa%2f", "pkcs11:object=c;id=%01"):
            self.expect(program.USAGE, "copy", "here", "there", wrong)
        self.expect(program.NOT_FOUND, "copy", "here", "there", "pkcs11:object=none")
        self.assertEqual(len(self.all()), 2)

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

    def again(self, **settings):
        """Adds a token "again" that is the store of "there" under another label."""
        text = json.loads((self.home / "sideseat.json").read_text())
        text["pkcs11"]["tokens"].append({**text["pkcs11"]["tokens"][1], "label": "again", **settings})
        (self.home / "sideseat.json").write_text(json.dumps(text))

    def refuse_move(self, secrets, *arguments):
        """A move within one store: refused, whatever is there, and nothing changes."""
        result = self.expect(program.USAGE, *arguments)
        self.assertIn("one store", result.err)
        self.assertRegex(result.out, rb"^\d equal\n$")
        self.assertEqual(self.all(), secrets)

    def test_a_move_within_one_store_deletes_nothing(self):
        secrets = {"global/a": "one", "org/acme/b": "two"}
        self.fill("there", secrets)
        self.again()
        for way in (("there", "again"), ("again", "there")):
            self.refuse_move(secrets, "copy", "--move", *way)
            self.refuse_move(secrets, "copy", "--move", "--overwrite", *way)
            self.refuse_move(secrets, "copy", "--move", *way, "org/acme/b")
        self.expect(program.OK, "copy", "--move", "--dry-run", "there", "again")
        self.assertEqual(self.copy(program.OK, source="there", target="again")["equal"], 2)
        self.assertEqual(self.all(), secrets)

    def test_a_move_that_another_backend_makes_one_store_deletes_nothing(self):
        secrets = {"global/a": "one"}
        self.fill("here", secrets)
        result = self.expect(program.USAGE, "-b", "file", "--set", f"data_dir={self.data}", "copy", "--move", "here",
                             "there")
        self.assertIn("one store", result.err)
        self.assertEqual(self.all("here"), secrets)

    def test_a_move_through_a_link_deletes_nothing(self):
        if self.env.get("VAULT_ADDR") or os.environ.get("SIDESEAT_TEST_BACKEND"):
            self.skipTest("for files")
        secrets = {"global/a": "one", "org/acme/b": "two"}
        self.fill("there", secrets)
        (self.home / "link").symlink_to(self.home / "there")
        self.again(data_dir=str(self.home / "link"))
        self.refuse_move(secrets, "copy", "--move", "there", "again")

    def test_a_move_leaves_nothing_else_in_either_store(self):
        self.fill("here", {"project/p/x/y": "one"})
        self.copy(program.OK, "--move", "project/p/")
        self.assertEqual((self.all("here"), self.all()), ({}, {"project/p/x/y": "one"}))
        self.assertEqual(self.copy(program.OK, "--move")["written"], 0)

    def test_a_move_that_cannot_be_checked_moves_nothing(self):
        self.put("here", a="one")
        self.again(read_only=True)
        result = self.expect(program.DENIED, "copy", "--move", "here", "again")
        self.assertEqual(self.all("here"), {"global/a": "one"})
        self.assertEqual(result.out, b"1 failed\n")
        self.assertEqual(self.all(), {})
        self.put("there", a="one")
        self.assertIn("cannot tell the two stores apart", self.expect(program.DENIED, "copy", "--move", "here", "again").err)
        self.assertEqual((self.all("here"), self.all()), ({"global/a": "one"}, {"global/a": "one"}))

    def test_what_cannot_be_read_is_counted(self):
        self.put("here", a="one", b="two", c="three")
        text = json.loads((self.home / "sideseat.json").read_text())
        text["pkcs11"]["sensitive"] = ["global/a", "global/c"]
        (self.home / "sideseat.json").write_text(json.dumps(text))
        result = self.expect(program.DENIED, "copy", "here", "there", "--json")
        told = result.json()
        self.assertEqual((told["failed"], told["written"]), (2, 1))
        self.assertEqual({one["key"]: one["state"] for one in told["secrets"]},
                         {"global/a": "failed", "global/b": "written", "global/c": "failed"})
        lines = json.loads(result.err.splitlines()[0])["messages"]
        self.assertEqual(len(lines), 1, lines)
        self.assertRegex(lines[0], r"cannot read global/\w: .*\(and 1 more like this\)$")
        self.assertEqual(self.expect(program.DENIED, "copy", "here", "there", "a").out, b"1 failed\n")
        self.assertEqual(self.expect(program.DENIED, "copy", "here", "there", "--dry-run", "a").out,
                         b"global/a: failed\n1 failed\n")

    def said(self, status, *arguments, **more):
        """The lines that the program itself prints: the module's log lines are part of them."""
        result = self.expect(status, *arguments, SIDESEAT_PKCS11_LOG=None, SIDESEAT_PKCS11_LOG_FILE=None, **more)
        return [line for line in result.err.splitlines() if line.startswith("sideseat-secrets: ")]

    def test_a_target_that_takes_nothing_is_told_in_one_line(self):
        self.fill("here", {f"global/k{n}": "x" for n in range(30)})
        self.again(read_only=True)
        for keys in ((), ("k1",), ("k1", "k2")):
            lines = self.said(program.DENIED, "copy", "here", "again", *keys)
            self.assertEqual(len(lines), 1, lines)
            self.assertIn("read_only", lines[0])
        self.assertIn("k1: ", self.said(program.DENIED, "copy", "here", "again", "k1")[0])
        self.assertIn(f"(and {30 - 1} more like this)", self.said(program.DENIED, "copy", "here", "again")[0])

    def test_a_target_that_is_away_is_told_in_one_line(self):
        self.fill("here", {f"global/k{n}": "x" for n in range(30)})
        (self.home / "sideseat.json").write_text(json.dumps({"pkcs11": {"tokens": [
            {"label": "here", "backend": "file"}, {"label": "away", "backend": "vault", "vault": {
                "address": "http://127.0.0.1:1", "auth": {"method": "none"}}}]}}))
        away = {"VAULT_ADDR": None, "SIDESEAT_PKCS11_STORE": os.environ.get("SIDESEAT_TEST_STORE")}
        for words in (("copy", "here", "away"), ("copy", "here", "away", "k1", "k2"),
                      ("copy", "--move", "here", "away", "k1", "k2"), ("delete", "-t", "away", "a", "b", "org/c/d e"),
                      ("import", "-t", "away")):
            lines = self.said(program.UNREACHABLE, *words, stdin=b"A=x\nB=y\n", **away)
            self.assertEqual(len(lines), 1, lines)

    def test_what_the_store_denies_is_told_in_one_line(self):
        if self.env.get("VAULT_ADDR") is None:
            self.skipTest("for Vault")
        secrets = {f"global/k {n}": "x" for n in range(40)}
        self.fill("there", secrets)
        prefix = self.env["SIDESEAT_SECRETS_VAULT_PREFIX"]
        lists = states.vault_token(f'path "secret/metadata/{prefix}/*" {{ capabilities = ["list"] }}')
        lines = self.said(program.DENIED, "copy", "there", "here", VAULT_TOKEN=lists)
        self.assertEqual(len(lines), 1, lines)
        self.assertIn("(and 39 more like this)", lines[0])
        self.assertEqual(self.expect(program.DENIED, "copy", "there", "here", VAULT_TOKEN=lists).out, b"40 failed\n")
        lines = self.said(program.OK, "list", "-d", "-t", "there", VAULT_TOKEN=lists)
        self.assertEqual(len(lines), 1, lines)
        reads = states.vault_token(f'path "secret/metadata/{prefix}/*" {{ capabilities = ["list"] }} '
                                   f'path "secret/data/{prefix}/*" {{ capabilities = ["read"] }}')
        stdin = "".join(f"N{n}=x\n" for n in range(40)).encode()
        lines = self.said(program.DENIED, "import", "-t", "there", stdin=stdin, VAULT_TOKEN=reads)
        self.assertEqual(len(lines), 1, lines)
        self.assertIn("(and 39 more like this)", lines[0])

    def test_mistakes(self):
        for wrong in ((), ("here",), ("here", "here"), ("here", "there", "-t", "here")):
            self.expect(program.USAGE, "copy", *wrong)
        self.expect(program.NOT_FOUND, "copy", "here", "nowhere")
        self.expect(program.NOT_FOUND, "copy", "nowhere", "there")

    def test_a_summary_in_words(self):
        self.put("here", a="1", b="2")
        self.assertEqual(self.expect(program.OK, "copy", "here", "there").out, b"2 written\n")
        self.assertEqual(self.expect(program.OK, "copy", "here", "there").out, b"2 equal\n")

    def real(self, token):
        """All but the random secrets by which a move tells two stores apart."""
        return {key: value for key, value in self.all(token).items() if "/sideseat-copy-" not in key}

    def test_killed_at_any_point_it_loses_nothing_and_continues(self):
        rounds = 8
        secrets = {f"org/o{n % 3}/k{n}": f"value {n}" * 9 for n in range(60)}
        self.fill("here", secrets)
        for number in range(rounds):
            with subprocess.Popen([program.TOOL, "copy", "here", "there", "--move"], env=self.env,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
                time.sleep(random.uniform(0, 1.5) * (number + 1) / rounds)
                os.kill(process.pid, signal.SIGKILL)
            here, there = self.real("here"), self.real("there")
            self.assertEqual({**here, **there}, secrets)
            for key in set(here) & set(there):
                self.assertEqual(here[key], there[key])
        self.copy(program.OK, "--move")
        self.assertEqual((self.real("here"), self.real("there")), ({}, secrets))

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
