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

    def test_all_else_stays_byte_for_byte(self):
        before = ('{"a": 0.30, "b":1e3,\n\t"c": [3.14159265358979323846, 12345678901234567890], "d": "\\u00fc\\/",\n'
                  ' "secrets" : {"timeout_ms":  900 , "env": {}}\n}\n')
        for path, value, old, new in (
                ("secrets.timeout_ms", "800", "  900 ", "  800 "),
                ("secrets.env.prefix", "X_", '"env": {}', '"env": {"prefix": "X_"}'),
                ("secrets.read_only", "true", '"env": {}', '"env": {}, "read_only": true'),
                ("pkcs11.cache.ttl_s", "60", "}}\n", '}},\n "pkcs11": {"cache": {"ttl_s": 60}}\n')):
            self.path.write_text(before)
            self.expect(program.OK, "config", "set", path, value)
            self.assertEqual(self.path.read_text(), before.replace(old, new))
        own = self.home / ".sideseat/sideseat.json"
        own.parent.mkdir(mode=0o700)
        self.expect(program.OK, "config", "set", "secrets.timeout_ms", "800", SIDESEAT_CONFIG=None)
        self.assertEqual(own.read_text(), '{"secrets": {"timeout_ms": 800}}\n')

    def test_an_error_names_the_setting_and_the_file(self):
        for path, value, words in (
                ("secrets.timeout_ms", "fast", "cannot set secrets.timeout_ms: must be a whole number"),
                ("secrets.colour", "red", "cannot set secrets.colour: no such setting")):
            result = self.run_tool("config", "set", path, value, SIDESEAT_PKCS11_LOG=None, SIDESEAT_PKCS11_LOG_FILE=None)
            self.assertEqual(result.status, program.USAGE)
            self.assertIn(words, result.err)
            self.assertNotIn("arguments", result.err)
        self.path.write_text('{"secrets": {"colour": 1}}')
        result = self.run_tool("config", "set", "secrets.timeout_ms", "900", SIDESEAT_PKCS11_LOG=None,
                               SIDESEAT_PKCS11_LOG_FILE=None)
        self.assertEqual(result.status, program.USAGE)
        self.assertIn(f"cannot set secrets.timeout_ms: {self.path}: secrets.colour: no such setting", result.err)
        self.assertEqual(len(result.err.splitlines()), 1)

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
            again = self.expect(status, "config", "validate", "other.json")
            self.assertIn(words, again.err)
            self.assertNotIn("absolute", again.err)
        self.expect(program.USAGE, "config", "validate", "/nowhere/sideseat.json")
        self.expect(program.USAGE, "config", "validate", "nowhere.json")

    def test_mistakes(self):
        for words in ((), ("show", "x"), ("set",), ("set", "secrets.timeout_ms"), ("get",), ("validate", "a", "b")):
            self.expect(program.USAGE, "config", *words)


if __name__ == "__main__":
    unittest.main()
