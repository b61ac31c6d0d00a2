# SPDX-License-Identifier: Apache-2.0
"""Keys, compared with SideSeat's own parser: the table has its result for each, and the module's."""

import json
import subprocess
import unittest
import program

# the key; SideSeat's scope, id and name, or None if it refuses the key; True if the module accepts it.
# Only SideSeat accepts an empty part, a control character and more than 255 bytes.
TABLE = (
    ("global/jwt", ("global", "", "jwt"), True),
    ("global/a b", ("global", "", "a b"), True),
    ("global/a.b", ("global", "", "a.b"), True),
    ("global/..", ("global", "", ".."), True),
    ("global/ü", ("global", "", "ü"), True),
    ("global/日本", ("global", "", "日本"), True),
    ("global/a=b:c;d", ("global", "", "a=b:c;d"), True),
    ("global/\"\\'", ("global", "", "\"\\'"), True),
    ("global/" + "x" * 248, ("global", "", "x" * 248), True),
    ("global/" + "x" * 249, ("global", "", "x" * 249), False),
    ("global/a/b", None, False),
    ("global/a/", None, False),
    ("global//a", None, False),
    ("global/", ("global", "", ""), False),
    ("global", None, True),  # to the module a bare name, as in every tool without scopes
    ("Global/a", None, False),
    ("team/a/b", None, False),
    ("org/a", None, False),
    ("org/acme/k", ("org", "acme", "k"), True),
    ("org/acme/a/b", ("org", "acme", "a/b"), True),
    ("org/acme/a/b/c/d", ("org", "acme", "a/b/c/d"), True),
    ("org/acme//b", ("org", "acme", "/b"), True),
    ("org/acme/a//b", ("org", "acme", "a//b"), True),
    ("org/acme/a/", ("org", "acme", "a/"), True),
    ("org/acme/org/x/y", ("org", "acme", "org/x/y"), True),
    ("org/acme/ a ", ("org", "acme", " a "), True),
    ("org/ac me/k", ("org", "ac me", "k"), True),
    ("org/acme.com/k", ("org", "acme.com", "k"), True),
    ("org/Acme/K", ("org", "Acme", "K"), True),
    ("org/über/schlüssel", ("org", "über", "schlüssel"), True),
    ("org/acme/", ("org", "acme", ""), False),
    ("org//k", ("org", "", "k"), False),
    ("org//", ("org", "", ""), False),
    ("org/acme/a\u0001b", ("org", "acme", "a\u0001b"), False),
    ("org/acme/a\nb", ("org", "acme", "a\nb"), False),
    ("org/acme/a\u007f", ("org", "acme", "a\u007f"), False),
    ("org/acme/a\u0085", ("org", "acme", "a\u0085"), False),
    ("project/p1/webhook", ("project", "p1", "webhook"), True),
    ("project/p1/a/b", ("project", "p1", "a/b"), True),
    ("user/u@example.com/k", ("user", "u@example.com", "k"), True),
    ("user/u1/a/b", ("user", "u1", "a/b"), True),
    ("", None, False),
    ("/", None, False),
    ("/global/a", None, False),
)
RECORD = {"value": "v", "metadata": {"created_at": "2024-01-01T00:00:00Z", "updated_at": "2024-01-01T00:00:00Z"}}


class Names(program.Case):
    def write(self, keys):
        """The file as sideseat writes it."""
        self.env["SIDESEAT_SECRETS_BACKEND"] = "file"
        self.data.mkdir(mode=0o700, exist_ok=True)
        file = self.data / "secrets.json"
        file.write_text(json.dumps({"version": 2, "secrets": {key: RECORD for key in keys}}))
        file.chmod(0o600)

    def test_each_key_has_its_answer(self):
        self.env["SIDESEAT_SECRETS_BACKEND"] = "file"
        for key, parts, taken in TABLE:
            with self.subTest(key=key):
                self.expect(program.OK if taken else program.USAGE, "set", key, stdin=b"v")
                if not taken or parts is None:
                    continue
                self.assertEqual(self.expect(program.OK, "get", key).out, b"v")
                if parts[1]:
                    scope = f"{parts[0]}/{parts[1]}"
                    self.expect(program.OK, "get", parts[2], "-s", scope)
                    listed = self.expect(program.OK, "list", "--json", "-s", scope).json()
                    self.assertIn(parts, [(one["scope"], one["scope_id"], one["name"]) for one in listed])

    def test_a_file_of_sideseat_is_read_whole_and_the_rest_is_counted(self):
        named = [key for key, parts, taken in TABLE if parts and taken]
        unnamed = [key for key, parts, taken in TABLE if parts and not taken]
        self.write(named + unnamed)
        result = self.expect(program.OK, "list", "--json")
        self.assertEqual({one["key"] for one in result.json()}, set(named))
        self.assertEqual(result.err.count("name that no key can have"), 1)
        self.assertIn(f"file: {len(unnamed)} secrets have a name", result.err)
        self.expect(program.OK, "set", "global/new", stdin=b"x")
        self.expect(program.OK, "delete", "global/new")
        self.assertIn(f"; {len(unnamed)} more have a name that no key can have".encode(),
                      self.expect(program.OK, "status").out)
        kept = json.loads((self.data / "secrets.json").read_text())["secrets"]
        self.assertEqual(set(kept), set(named + unnamed))

    def test_nothing_is_counted_where_all_have_names(self):
        self.write([key for key, parts, taken in TABLE if parts and taken])
        self.assertNotIn("no key can have", self.expect(program.OK, "list").err)
        self.assertNotIn(b"no key can have", self.expect(program.OK, "status").out)

    def test_variables_without_a_valid_key_are_counted(self):
        self.env.update(SIDESEAT_SECRETS_BACKEND="env", SIDESEAT_SECRET_ORG_ACME_A="1",
                        SIDESEAT_SECRET_ORG_ACME_A_B="2", SIDESEAT_SECRET_ORG_X="3",
                        SIDESEAT_SECRET_global_a="4", SIDESEAT_SECRET_ORG_EMPTY_X="",
                        SIDESEAT_SECRET_ORG_Ü_Ä="5")
        result = self.expect(program.OK, "list")
        self.assertEqual(sorted(result.out.decode().split()),
                         ["org/acme/a", "org/acme/a_b", "org/ü/ä"])
        self.assertEqual(result.err.count("env: 2 secrets have a name"), 1)
        self.assertEqual(self.expect(program.OK, "get", "org/acme/a/b").out, b"2")
        self.assertEqual(self.expect(program.OK, "get", "org/Ü/ä").out, b"5")
        self.assertIn(b"; 2 more have a name", self.expect(program.OK, "status").out)

    def test_kernel_keys_without_a_valid_name_are_counted(self):
        program.need(self, "keyctl")
        self.env["SIDESEAT_SECRETS_BACKEND"] = "keyutils"
        ring = f"sideseat-names-{self.folder.name[-8:]}"
        setting = ("--set", f"keyutils.keyring={ring}")
        self.expect(program.OK, "set", "org/acme/a/b", *setting, stdin=b"x")
        number = subprocess.run(["keyctl", "search", "@u", "keyring", ring], capture_output=True,
                                check=True).stdout.decode().strip()
        self.addCleanup(subprocess.run, ["keyctl", "unlink", number, "@u"], check=False)
        for name in ("sideseat:nonsense", "sideseat:org/acme/\x01", "another program's"):
            subprocess.run(["keyctl", "add", "user", name, "x", number], check=True, capture_output=True)
        result = self.expect(program.OK, "list", *setting)
        self.assertEqual(result.out, b"org/acme/a/b\n")
        self.assertEqual(result.err.count("keyutils: 2 secrets have a name"), 1)
        self.assertIn(b"; 2 more have a name", self.expect(program.OK, "status", *setting).out)


if __name__ == "__main__":
    unittest.main()
