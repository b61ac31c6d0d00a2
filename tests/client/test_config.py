# SPDX-License-Identifier: Apache-2.0
"""config: shows, changes and validates sideseat.json, and never leaves an invalid one."""

import json
import os
import unittest
import program


class Config(program.Case):
    def setUp(self):
        super().setUp()
        self.path = self.home / "sideseat.json"
        self.env["SIDESEAT_SECRETS_BACKEND"] = "file"

    def read(self):
        return json.loads(self.path.read_text())

    def test_set_keeps_what_it_does_not_know(self):
        other = {"server": {"port": 1, "ü": [1.5, None, {}]}, "secrets": {"timeout_ms": 900}, "z": "x"}
        self.path.write_text(json.dumps(other))
        self.path.chmod(0o640)
        self.expect(program.OK, "config", "set", "secrets.vault.address", "https://vault.example:8200")
        self.expect(program.OK, "config", "set", "pkcs11.cache.ttl_s", "60")
        self.assertEqual(self.read(), {**other, "secrets": {"timeout_ms": 900, "vault": {
            "address": "https://vault.example:8200"}}, "pkcs11": {"cache": {"ttl_s": 60}}})
        self.assertEqual(self.path.stat().st_mode & 0o777, 0o640)
        self.assertEqual(list(self.read()), ["server", "secrets", "z", "pkcs11"])
        self.assertEqual([name for name in os.listdir(self.home) if name.startswith("sideseat.json.")], [])

    def test_show_has_the_setting_and_its_origin(self):
        self.expect(program.OK, "config", "set", "secrets.timeout_ms", "900")
        self.assertRegex(self.expect(program.OK, "config", "show").out.decode(), r"(?m)^timeout_ms = 900  \[.*sideseat.json")
        told = self.expect(program.OK, "config", "show", "--json").json()
        self.assertIn(("timeout_ms", "900"), [(one["path"], one["value"]) for one in told])

    def test_a_wrong_change_changes_nothing(self):
        self.path.write_text('{"secrets": {"timeout_ms": 900}}\n')
        before = self.path.read_bytes()
        for path, value in (("secrets.timeout_ms", "fast"), ("secrets.timeout_ms", "1"), ("secrets.colour", "red"),
                            ("secrets.backend", "fil"), ("secrets.vault.token", "s.1234567890"), ("other.x", "1"),
                            ("secrets", "{}"), ("secrets.timeout_ms.x", "1"), ("secrets.vault.address", "a'b")):
            self.expect(program.USAGE, "config", "set", path, value)
            self.assertEqual(self.path.read_bytes(), before)
        self.assertEqual([name for name in os.listdir(self.home) if name.startswith("sideseat.json.")], [])

    def test_a_link_stays_a_link(self):
        real = self.home / "real.json"
        real.write_text("{}")
        self.path.unlink()
        self.path.symlink_to(real)
        self.expect(program.OK, "config", "set", "secrets.timeout_ms", "900")
        self.assertTrue(self.path.is_symlink())
        self.assertEqual(json.loads(real.read_text()), {"secrets": {"timeout_ms": 900}})

    def test_validate(self):
        self.expect(program.OK, "config", "validate")
        other = self.home / "other.json"
        for text, status, words in (('{"secrets": {"timeout_ms": 900}}', program.OK, ""),
                                    ('{"secrets": {"timeout": 900}}', program.USAGE, "secrets.timeout"),
                                    ("{", program.USAGE, "not JSON")):
            other.write_text(text)
            self.assertIn(words, self.expect(status, "config", "validate", str(other)).err)
        self.expect(program.USAGE, "config", "validate", "/nowhere/sideseat.json")

    def test_mistakes(self):
        for words in ((), ("show", "x"), ("set",), ("set", "secrets.timeout_ms"), ("get",), ("validate", "a", "b")):
            self.expect(program.USAGE, "config", *words)


if __name__ == "__main__":
    unittest.main()
