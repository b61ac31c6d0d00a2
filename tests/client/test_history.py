# SPDX-License-Identifier: Apache-2.0
"""history, get --version, rollback, undelete, delete --keep and --destroy, and fields."""

import base64
import hmac
import json
import os
import re
import shlex
import subprocess
import unittest
import program
import states
from terminal import Terminal

VAULT = program.VAULT["VAULT_ADDR"] is not None


class Fields(program.StoreCase):
    def test_a_member_of_a_json_value(self):
        value = json.dumps({"user": "u", "password": "pä\nss", "port": 5432, "a#b": "c", "tls": {"on": True}})
        self.set("org/acme/db", value.encode())
        for field, expected in (("user", b"u"), ("password", "pä\nss".encode()), ("port", b"5432")):
            self.assertEqual(self.expect(program.OK, "get", "org/acme/db#" + field).out, expected)
        self.assertEqual(json.loads(self.expect(program.OK, "get", "org/acme/db#tls").out), {"on": True})
        self.assertEqual(self.expect(program.OK, "get", "org/acme/db").out, value.encode())
        self.assertEqual(self.expect(program.OK, "get", "-s", "org/acme", "db#user").out, b"u")
        out = self.expect(program.OK, "run", "--env", "A=org/acme/db#password", "--", "printenv", "A").out
        self.assertEqual(out, "pä\nss\n".encode())

    def test_an_empty_member(self):
        self.set("org/acme/db", b'{"user": ""}')
        self.assertEqual(self.expect(program.OK, "get", "org/acme/db#user").out, b"")
        self.assertEqual(self.expect(program.OK, "get", "--json", "org/acme/db#user").json()["value"], "")

    def test_a_field_that_is_not_there(self):
        self.set("global/db", b'{"user": "u"}')
        self.set("global/text", b"no json")
        result = self.expect(program.NOT_FOUND, "get", "db#password")
        self.assertIn("db has no field password", result.err)
        self.assertIn("is not a JSON object", self.expect(program.NOT_FOUND, "get", "text#x").err)
        self.assertIn("no secret none#x", self.expect(program.NOT_FOUND, "get", "none#x").err)
        self.assertIn("no secret none#x in global",
                      self.expect(program.NOT_FOUND, "get", "-s", "global", "none#x").err)

    def test_a_key_with_the_sign_comes_first(self):
        self.set("global/db#user", b"whole")
        self.set("global/db", b'{"user": "field"}')
        self.assertEqual(self.expect(program.OK, "get", "db#user").out, b"whole")


    def test_a_field_is_the_key_of_an_hmac(self):
        pem = "-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\n"
        self.set("org/acme/db", json.dumps({"hook": "a secret, as it is", "pem": pem, "empty": ""}).encode())
        mac = hmac.new(b"a secret, as it is", b"data", "sha256").hexdigest()
        key = "org/acme/db#hook"
        self.assertEqual(self.expect(program.OK, "sign", key, stdin=b"data").out.decode(), mac + "\n")
        uri = self.expect(program.OK, "uri", key).out.decode().strip()
        self.assertEqual(self.expect(program.OK, "sign", uri, stdin=b"data").out.decode(), mac + "\n")
        self.expect(program.OK, "verify", key, "--signature", mac, stdin=b"data")
        self.expect(program.FAILED, "verify", key, "--signature", mac, stdin=b"other")
        told = self.expect(program.OK, "sign", "-a", "sha512", "--json", key, stdin=b"data").json()
        self.assertEqual(told["signature"], hmac.new(b"a secret, as it is", b"data", "sha512").hexdigest())
        token = self.expect(program.OK, "jwt", "-a", "HS384", key, stdin=b'{"sub":"u"}').out.decode().strip()
        signed, _, last = token.rpartition(".")
        wanted = hmac.new(b"a secret, as it is", signed.encode(), "sha384").digest()
        self.assertEqual(base64.urlsafe_b64decode(last + "=="), wanted)
        for words in (("sign", "org/acme/db#pem"), ("sign", "-a", "RS256", key), ("jwt", "-a", "ES256", key)):
            self.assertIn("HMAC only", self.expect(program.USAGE, *words, stdin=b"{}").err)
        self.assertIn("no field", self.expect(program.NOT_FOUND, "sign", "org/acme/db#none", stdin=b"x").err)
        self.assertIn("no signing key", self.expect(program.NOT_FOUND, "sign", "org/acme/no#none", stdin=b"x").err)
        self.expect(program.USAGE, "sign", "org/acme/db#empty", stdin=b"x")

    def test_a_secret_with_the_sign_in_its_key_is_not_looked_into(self):
        self.set("global/db#user", b"whole")
        self.set("global/db", b'{"user": "field"}')
        self.assertIn("no signing key", self.expect(program.NOT_FOUND, "sign", "db#user", stdin=b"x").err)
        self.set("global/db#user", b"again")

    def test_a_field_of_what_is_not_given_out_is_no_key(self):
        self.set("global/db", b'{"user": "field"}')
        (self.home / "sideseat.json").write_text('{"pkcs11": {"sensitive": ["global/db"]}}')
        self.assertIn("never given out", self.expect(program.DENIED, "sign", "db#user", stdin=b"x").err)

    def test_a_field_cannot_be_changed(self):
        value = b'{"user": "field"}'
        self.set("org/acme/db", value)
        key = "org/acme/db#user"
        editor = {"EDITOR": "true", "VISUAL": None}
        for words in (("set", key), ("generate", key), ("generate", "--length", "20", key), ("keygen", key), ("edit", key)):
            result = self.expect(program.USAGE, *words, stdin=b"new", **editor)
            self.assertIn("a field can only be read", result.err, words)
        for words in (("delete", key), ("delete", "--destroy", "--yes", key), ("rename", key, "org/acme/x"),
                      ("history", key) if VAULT else ("delete", key)):
            result = self.expect(program.NOT_FOUND, *words)
            self.assertIn("a field of org/acme/db can only be read", result.err, words)
        self.assertEqual(self.all(), {"org/acme/db": value.decode()})
        uri = self.expect(program.OK, "uri", key).out.decode().strip()
        self.set(uri, b"whole")
        self.assertEqual(self.expect(program.OK, "get", key).out, b"whole")
        self.set("org/acme/other#user", b"no secret org/acme/other is there")


@unittest.skipIf(VAULT, "keeps versions")
class Without(program.StoreCase):
    def test_a_store_without_versions_says_so(self):
        self.set("global/a", b"value")
        for words in (("history", "a"), ("get", "--version", "1", "a"), ("rollback", "a", "1"), ("undelete", "a"),
                      ("delete", "--keep", "a")):
            self.assertIn("keeps no old versions", self.expect(program.FAILED, *words).err, words)
        self.assertIn("add --yes", self.expect(program.USAGE, "delete", "--destroy", "a").err)
        self.expect(program.OK, "get", "a")
        self.expect(program.OK, "delete", "--destroy", "--yes", "a")
        self.expect(program.NOT_FOUND, "get", "a")


class Versions(program.StoreCase):
    """On the Vault, and with the same words in a moto."""

    def setUp(self):
        super().setUp()
        if not VAULT:
            self.skipTest("keeps no versions")
        for value in (b"value one", b"value two", b"value three"):
            self.set("org/acme/a", value)

    def history(self, key="org/acme/a"):
        return self.expect(program.OK, "history", key, "--json").json()

    def states(self):
        return [version["state"] for version in self.history()]

    def test_a_history(self):
        told = self.history()
        self.assertEqual([version["number"] for version in told], ["3", "2", "1"])
        self.assertEqual([version["state"] for version in told], ["current", "old", "old"])
        self.assertTrue(all(version["created_at"] and version["version"] for version in told))
        lines = self.expect(program.OK, "history", "org/acme/a").out.decode().splitlines()
        self.assertEqual([line.split("\t")[:2] for line in lines],
                         [["3", "current"], ["2", "old"], ["1", "old"]])
        self.expect(program.NOT_FOUND, "history", "org/acme/none")
        self.expect(program.USAGE, "history", "org/acme")

    def test_an_old_version_is_read(self):
        for number, value in (("1", b"value one"), ("2", b"value two"), ("3", b"value three")):
            self.assertEqual(self.expect(program.OK, "get", "--version", number, "org/acme/a").out, value)
        by_name = self.history()[2]["version"]
        self.assertEqual(self.expect(program.OK, "get", "--version", by_name, "org/acme/a").out, b"value one")
        told = self.expect(program.OK, "get", "--version", "1", "--json", "org/acme/a").json()
        self.assertEqual((told["value"], told["version"]), ("value one", by_name))
        for number in ("0", "4", "x"):
            self.assertIn("no version", self.expect(program.NOT_FOUND, "get", "--version", number, "org/acme/a").err)
        self.assertEqual(self.expect(program.OK, "get", "org/acme/a").out, b"value three")

    def test_a_field_of_an_old_version(self):
        for value in (b'{"user": "old"}', b'{"user": "new"}', b"no json"):
            self.set("org/acme/db", value)
        key = "org/acme/db#user"
        for number, user in (("1", b"old"), ("2", b"new")):
            self.assertEqual(self.expect(program.OK, "get", "--version", number, key).out, user)
        self.assertIn("not a JSON object", self.expect(program.NOT_FOUND, "get", "--version", "3", key).err)
        self.assertIn("no version 4 of org/acme/db", self.expect(program.NOT_FOUND, "get", "--version", "4", key).err)
        self.assertIn("no secret none#x", self.expect(program.NOT_FOUND, "get", "--version", "1", "none#x").err)

    def test_rollback_writes_a_new_version(self):
        self.expect(program.OK, "rollback", "org/acme/a", "1")
        self.assertEqual(self.expect(program.OK, "get", "org/acme/a").out, b"value one")
        self.assertEqual(self.states(), ["current", "old", "old", "old"])
        self.expect(program.OK, "rollback", "org/acme/a", "4")
        self.assertEqual(len(self.history()), 4)
        self.expect(program.NOT_FOUND, "rollback", "org/acme/a", "9")

    def test_a_kept_secret_comes_back(self):
        result = self.expect(program.OK, "delete", "--keep", "org/acme/a")
        self.assertIn("3 versions remain without a limit of time", result.err)
        self.assertIn("undelete org/acme/a", result.err)
        self.expect(program.NOT_FOUND, "get", "org/acme/a")
        self.assertEqual(self.states()[0], "deleted")
        self.assertIn("bring it back",
                      self.expect(program.NOT_FOUND, "get", "--version", "3", "org/acme/a").err)
        self.expect(program.NOT_FOUND, "delete", "--keep", "org/acme/a")
        told = self.expect(program.OK, "undelete", "org/acme/a", "--json").json()
        self.assertEqual(told["key"], "org/acme/a")
        self.assertEqual(self.expect(program.OK, "get", "org/acme/a").out, b"value three")
        self.assertIn("not deleted", self.expect(program.CONFLICT, "restore", "org/acme/a").err)
        result = self.expect(program.CONFLICT, "restore", "--version", "1", "org/acme/a")
        self.assertIn("this version is not deleted; to make it the current one: sideseat-secrets rollback", result.err)

    def test_the_remedies_are_command_lines_that_work(self):
        (self.home / "sideseat.json").write_text(json.dumps({"pkcs11": {"tokens": [
            {"label": "here", "backend": "file"}, {"label": "a vault", "backend": "vault"}]}}))
        self.env["SIDESEAT_SECRETS_BACKEND"] = None

        def remedy(result):
            words = re.findall(r": (sideseat-secrets .*)$", result.err, re.M)
            self.assertEqual(len(words), 1, result.err)
            env = {name: value for name, value in self.env.items() if value is not None}
            env["PATH"] = os.path.dirname(program.TOOL) + ":" + env["PATH"]
            done = subprocess.run(["sh", "-c", words[0]], env=env, check=False, capture_output=True)
            self.assertEqual(done.returncode, 0, (words, done.stderr))

        for key in ("a b", "a#b", "it's; $HOME", "-x"):
            for value in (b"value", b"again"):
                self.expect(program.OK, "set", "-t", "a vault", "--", key, stdin=value)
            remedy(self.expect(program.OK, "delete", "-t", "a vault", "--", key))
            remedy(self.expect(program.NOT_FOUND, "get", "-t", "a vault", "--version", "9", "--", key))
            uri = self.expect(program.OK, "uri", "-t", "a vault", "--", key).out.decode().strip()
            self.expect(program.OK, "delete", uri)
            remedy(self.expect(program.NOT_FOUND, "get", "--version", "2", uri))
            remedy(self.expect(program.OK, "delete", uri))
            remedy(self.expect(program.OK, "rename", uri, "pkcs11:object=new"))
            self.expect(program.OK, "delete", "--destroy", "--yes", uri, "-t", "a vault", "new")

    def test_a_deleted_secret_that_is_still_listed_disturbs_nothing(self):
        self.set("org/acme/b", b"stays")
        self.set("org/acme/no variable", b"odd")
        self.expect(program.OK, "delete", "--keep", "org/acme/a")
        self.expect(program.OK, "delete", "--keep", "org/acme/no variable")
        self.assertIn(b"org/acme/a\n", self.expect(program.OK, "list").out)
        lines = self.expect(program.OK, "list", "-d").out.decode().splitlines()
        self.assertEqual([line.split("\t")[0] for line in lines], ["org/acme/b"])
        self.expect(program.NOT_FOUND, "search", "-d", "acme/a")
        for form in ("json", "sideseat"):
            told = self.expect(program.OK, "export", "--format", form).json()
            self.assertEqual(list(told.get("secrets", told)), ["org/acme/b"])
        self.assertEqual(self.expect(program.OK, "export", "-s", "org/acme").out, b"B=stays\n")
        out = self.expect(program.OK, "run", "--clean", "-s", "org/acme", "--all", "--", "env").out
        self.assertEqual(out, b"B=stays\n")
        (self.home / "sideseat.json").write_text(json.dumps({"pkcs11": {"tokens": [
            {"label": "here", "backend": "vault"}, {"label": "there", "backend": "file"}]}}))
        told = self.expect(program.OK, "copy", "here", "there", "--json", SIDESEAT_SECRETS_BACKEND=None).json()
        self.assertEqual([one["key"] for one in told["secrets"]], ["org/acme/b"])

    def answered(self, answer, *options):
        """The exit status of a deletion at a terminal."""
        terminal = Terminal([program.TOOL, "delete", *options, "org/acme/a"], self.env)
        self.addCleanup(terminal.close)
        terminal.expect(b"Type yes")
        terminal.answer(answer)
        return terminal.end()[0]

    def test_an_ordinary_delete_keeps_the_versions_and_says_so(self):
        result = self.expect(program.OK, "delete", "org/acme/a")
        self.assertEqual(result.out, b"")
        self.assertIn("org/acme/a is deleted; 3 versions remain without a limit of time; bring it back with: "
                      "sideseat-secrets undelete org/acme/a", result.err)
        self.expect(program.NOT_FOUND, "get", "org/acme/a")
        self.assertIn("deleted already", self.expect(program.NOT_FOUND, "delete", "--yes", "org/acme/a").err)
        self.expect(program.OK, "undelete", "org/acme/a")
        told = self.expect(program.OK, "delete", "org/acme/a", "--json")
        self.assertEqual(told.json(), [{"deleted": "org/acme/a", "versions": 3, "recoverable_until": None}])
        self.assertIn("3 versions remain", told.err)
        self.set("org/acme/a", b"value four")
        self.assertEqual(self.states(), ["current", "deleted", "old", "old"])
        self.assertIn("no secret", self.expect(program.NOT_FOUND, "delete", "org/acme/none").err)

    def test_a_remedy_is_for_the_same_store(self):
        folder = self.home / "a folder"
        folder.mkdir()
        module = folder / "module.so"
        module.symlink_to(self.env["SIDESEAT_PKCS11_MODULE"])
        prefix = self.env["SIDESEAT_SECRETS_VAULT_PREFIX"]
        without = {"SIDESEAT_SECRETS_BACKEND": None, "SIDESEAT_SECRETS_VAULT_PREFIX": None}
        result = self.expect(program.OK, "delete", "org/acme/a", f"--module={module}", "-bvault",
                             "--set", f"vault.prefix={prefix}", **without)
        remedy = result.err.split("bring it back with: ")[1].strip()
        words = shlex.split(remedy)
        self.assertEqual(words, ["sideseat-secrets", "undelete", "-m", str(module), "-b", "vault", "--set",
                                 f"vault.prefix={prefix}", "org/acme/a"])
        self.expect(program.OK, *words[1:], **without)
        self.expect(program.OK, "get", "org/acme/a")
        # options that a line does not have room for are left out where all see it
        far = folder.joinpath(*6 * [200 * "'"])
        far.mkdir(parents=True)
        module.rename(far / module.name)
        result = self.expect(program.OK, "delete", "org/acme/a", "-m", str(far / module.name))
        self.assertIn("undelete ... org/acme/a", result.err)

    def test_a_terminal_asks_nothing_while_the_versions_stay(self):
        terminal = Terminal([program.TOOL, "delete", "org/acme/a"], self.env)
        self.addCleanup(terminal.close)
        status, _, err = terminal.end()
        self.assertEqual(status, program.OK)
        self.assertIn("3 versions remain", err)

    def test_a_token_that_cannot_keep_the_versions_deletes_nothing(self):
        prefix = self.env["SIDESEAT_SECRETS_VAULT_PREFIX"]
        rules = (f'path "secret/data/{prefix}/*" {{ capabilities = ["read"] }} '
                 f'path "secret/metadata/{prefix}/*" {{ capabilities = ["list", "delete"%s] }}')
        for more, missing in (("", f'"read" on secret/metadata/{prefix}'),
                              (', "read"', f'"update" on secret/delete/{prefix}')):
            token = states.vault_token(rules % more)
            result = self.expect(program.DENIED, "delete", "org/acme/a", VAULT_TOKEN=token)
            self.assertIn(missing, result.err)
            self.assertEqual(len(self.history()), 3)
        self.expect(program.OK, "delete", "--destroy", "--yes", "org/acme/a", VAULT_TOKEN=token)

    def test_a_rename_and_a_move_keep_older_versions(self):
        result = self.expect(program.OK, "rename", "org/acme/a", "org/acme/b")
        self.assertIn("undelete org/acme/a", result.err)
        self.assertEqual(self.states(), ["deleted", "old", "old"])
        self.assertEqual(self.expect(program.OK, "get", "org/acme/b").out, b"value three")
        self.assertNotIn("undelete", self.expect(program.OK, "rename", "org/acme/b", "org/acme/c").err)
        self.expect(program.NOT_FOUND, "history", "org/acme/b")
        self.expect(program.OK, "undelete", "org/acme/a")
        (self.home / "sideseat.json").write_text(json.dumps({"pkcs11": {"tokens": [
            {"label": "here", "backend": "vault"}, {"label": "there", "backend": "file"}]}}))
        self.env["SIDESEAT_SECRETS_BACKEND"] = None
        result = self.expect(program.OK, "copy", "--move", "here", "there")
        self.assertEqual(result.out, b"2 written\n")
        self.assertIn("undelete -t here", result.err)
        self.assertEqual(self.states(), ["deleted", "old", "old"])
        self.expect(program.NOT_FOUND, "history", "org/acme/c")

    def test_destroying_asks(self):
        self.assertIn("add --yes", self.expect(program.USAGE, "delete", "--destroy", "org/acme/a").err)
        self.assertEqual(len(self.history()), 3)
        self.assertEqual(self.answered(b"no", "--destroy"), program.USAGE)
        self.assertEqual(len(self.history()), 3)
        self.assertEqual(self.answered(b"yes", "--destroy"), program.OK)
        self.expect(program.NOT_FOUND, "history", "org/acme/a")
        self.set("org/acme/a", b"value four")
        result = self.expect(program.OK, "delete", "--destroy", "--yes", "org/acme/a")
        self.assertIn("nothing can bring them back", result.err)
        self.expect(program.NOT_FOUND, "history", "org/acme/a")
        self.expect(program.NOT_FOUND, "delete", "--destroy", "--yes", "org/acme/a")
        self.expect(program.USAGE, "delete", "--destroy", "--keep", "org/acme/a")


if __name__ == "__main__":
    unittest.main()
