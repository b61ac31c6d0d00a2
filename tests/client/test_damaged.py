# SPDX-License-Identifier: Apache-2.0
"""A damaged file, as people see it: every loss is reported, and nothing is made in the place of a
secret that may be lost."""

import json
import unittest
import program

JWT = "global/jwt_signing_key"


class Damaged(program.Case):
    def setUp(self):
        super().setUp()
        self.env["SIDESEAT_SECRETS_BACKEND"] = "file"
        self.path = self.data / "secrets.json"
        self.expect(program.OK, "set", "global/first", stdin=b"first value")
        self.expect(program.OK, "ensure")
        self.key = self.expect(program.OK, "get", JWT).out

    def damage(self):
        """Cuts the file in the middle of the signing key's record."""
        text = self.path.read_text()
        self.path.write_text(text[: text.index(JWT) + 60])

    def backups(self):
        return sorted(path.name for path in self.data.glob("secrets.json.corrupt.*"))

    def test_ensure_makes_no_key_anew(self):
        self.damage()
        before = self.path.read_bytes()
        result = self.run_tool("ensure")
        self.assertNotEqual(result.status, program.OK)
        self.assertNotIn(b"created", result.out)
        (backup,) = self.backups()
        self.assertIn(backup, result.err)
        self.assertIn("accept-loss", result.err)
        self.assertEqual((self.data / backup).read_bytes(), before)
        after = self.path.read_bytes()
        for command in (("ensure",), ("generate", JWT), ("set", "--create", JWT), ("get", JWT),
                        ("delete", JWT), ("sign", JWT), ("get", "-s", "org/a", "-s", "global", "x")):
            result = self.run_tool(*command, stdin=b"another key")
            self.assertNotIn(result.status, (program.OK, program.NOT_FOUND), command)
            self.assertIn(backup, result.err)
        self.assertEqual(self.path.read_bytes(), after)
        self.assertEqual(self.expect(program.OK, "get", "global/first").out, b"first value")

    def test_status_and_list_name_the_backup(self):
        self.damage()
        listed = self.expect(program.DAMAGED, "list")
        (backup,) = self.backups()
        self.assertEqual(listed.out.split(), [b"global/first"])
        self.assertEqual(self.expect(program.DAMAGED, "search", "first").out, b"global/first\n")
        self.expect(program.DAMAGED, "search", "signing")
        self.assertEqual([one["key"] for one in self.expect(program.DAMAGED, "list", "--json").json()], ["global/first"])
        listed = self.expect(program.DAMAGED, "list")
        self.assertIn(backup, listed.err)
        self.assertIn("saved from that: 1", listed.err)
        status = self.run_tool("status")
        self.assertNotEqual(status.status, program.OK)
        for words in ("CORRUPT", backup, "saved from that: 1", "accept-loss"):
            self.assertIn(words, status.out.decode())
        health = self.run_tool("status", "--json").json()["tokens"][0]["health"]
        self.assertEqual(health["error"], "CORRUPT")

    def test_no_program_starts_and_nothing_is_exported_with_a_part_of_the_secrets(self):
        self.damage()
        for _ in range(2):
            for command in (("run", "--all", "-s", "global", "--clean", "--", "touch", "started"), ("export",),
                            ("export", "--format", "json"), ("export", "--format", "sideseat", "-s", "global"),
                            ("export", "--format", "shell", "-s", "org/none")):
                result = self.expect(program.DAMAGED, *command)
                self.assertEqual(result.out, b"")
                self.assertIn("accept-loss", result.err)
        self.assertFalse((self.home / "started").exists())
        # what is named is known to be there
        self.expect(program.OK, "run", "--env", "A=global/first", "--", "true")
        self.expect(program.OK, "accept-loss")
        self.assertIn(b"FIRST=", self.expect(program.OK, "export").out)
        self.expect(program.OK, "list")
        self.expect(program.OK, "run", "--all", "-s", "global", "--", "true")

    def test_copy_rescues_what_is_there_and_says_that_it_is_a_part(self):
        self.damage()
        (self.home / "to").mkdir(mode=0o700)
        config = self.home / "two.json"
        config.write_text(json.dumps({"pkcs11": {"tokens": [
            {"label": "from", "backend": "file", "data_dir": str(self.data)},
            {"label": "to", "backend": "file", "data_dir": str(self.home / "to")}]}}))
        tokens = {"SIDESEAT_CONFIG": str(config), "SIDESEAT_SECRETS_BACKEND": None, "SIDESEAT_DATA_DIR": None}
        for words in ((), ("global/first",), (JWT,)):
            result = self.expect(program.DAMAGED, "copy", "from", "to", *words, **tokens)
            self.assertIn("accept-loss", result.err)
        self.assertEqual(self.expect(program.OK, "-t", "to", "get", "global/first", **tokens).out, b"first value")

    def test_a_read_only_token_repairs_nothing(self):
        old = b'{"secrets": {"a": {"value": "old form"}}}'
        for content, status in ((old, program.OK), (b'{"cut off', program.DAMAGED)):
            self.path.write_bytes(content)
            for path in self.data.iterdir():
                if path != self.path:
                    path.unlink()
            result = self.expect(status, "--set", "read_only=true", "get", "a")
            if status == program.OK:
                self.assertEqual(result.out, b"old form")
            else:
                self.assertIn("it is not JSON", result.err)
            self.expect(status, "--set", "read_only=true", "list")
            self.assertEqual(list(self.data.iterdir()), [self.path])
            self.assertEqual(self.path.read_bytes(), content)

    def test_a_damaged_record_is_listed_and_stops_what_needs_it(self):
        document = json.loads(self.path.read_text())
        document["secrets"].update({"global/broken": {"value": 7}, "org/a/x": {"value": "of org/a"}})
        self.path.write_text(json.dumps(document))
        self.assertIn(b"global/broken\n", self.expect(program.OK, "list").out)
        for command in (("run", "--all", "-s", "global", "--", "touch", "started"), ("export",),
                        ("export", "--format", "json")):
            result = self.expect(program.DAMAGED, *command)
            self.assertIn("the record of global/broken is damaged", result.err)
            self.assertEqual(result.out, b"")
        self.assertFalse((self.home / "started").exists())
        self.expect(program.OK, "run", "--all", "-s", "org/a", "--", "true")
        self.expect(program.OK, "set", "global/broken", stdin=b"repaired")
        self.expect(program.OK, "export")

    def test_a_person_sets_missing_secrets_and_accepts_the_loss_of_others(self):
        self.damage()
        self.expect(program.OK, "set", JWT, stdin=self.key)
        self.assertEqual(self.expect(program.OK, "get", JWT).out, self.key)
        result = self.expect(program.OK, "accept-loss")
        (backup,) = self.backups()
        self.assertIn(backup, result.err)
        self.assertNotIn("replaces", json.loads(self.path.read_text()))
        self.expect(program.NOT_FOUND, "get", "global/api_key_secret")
        self.expect(program.OK, "status")
        told = self.expect(program.OK, "ensure", "--json").json()
        self.assertEqual([one["state"] for one in told], ["present", "created"])
        self.assertEqual(self.expect(program.OK, "get", JWT).out, self.key)
        self.expect(program.OK, "accept-loss")

    def test_a_loss_that_nobody_has_seen_is_not_accepted(self):
        for damage in (self.damage, lambda: self.path.write_bytes(b"")):
            damage()
            result = self.expect(program.DAMAGED, "accept-loss")
            self.assertIn("look and set them", result.err)
            self.assertIn("replaces", json.loads(self.path.read_text()))
            self.expect(program.DAMAGED, "ensure")
            self.expect(program.OK, "accept-loss")
            self.expect(program.NOT_FOUND, "get", JWT)
            self.expect(program.OK, "ensure")

    def test_deleting_the_member_ends_it_too(self):
        self.damage()
        self.expect(program.DAMAGED, "list")
        document = json.loads(self.path.read_text())
        self.assertEqual([document["replaces"]], self.backups())
        del document["replaces"]
        self.path.write_text(json.dumps(document))
        self.expect(program.NOT_FOUND, "get", JWT)

    def test_an_editors_byte_order_mark_is_not_damage(self):
        self.path.write_bytes(b"\xef\xbb\xbf" + self.path.read_bytes())
        config = self.home / "sideseat.json"
        config.write_bytes(b"\xef\xbb\xbf" + config.read_bytes())
        self.assertEqual(self.expect(program.OK, "get", JWT).out, self.key)
        self.assertEqual(self.backups(), [])

    def test_a_trailing_comma_loses_nothing(self):
        text = self.path.read_text()
        end = text.rindex("}", 0, text.rindex("}"))
        self.path.write_text(text[:end] + "," + text[end:])
        self.assertEqual(self.expect(program.OK, "get", JWT).out, self.key)
        self.assertEqual(len(self.backups()), 1)
        told = self.expect(program.OK, "ensure", "--json").json()
        self.assertEqual([one["state"] for one in told], ["present", "present"])


if __name__ == "__main__":
    unittest.main()
