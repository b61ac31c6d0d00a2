# SPDX-License-Identifier: Apache-2.0
"""check and ensure: the secrets of a manifest, and those that sideseat needs, in every state."""

import json
import unittest
import program

HEX = "ab" * 32


class Check(program.StoreCase):
    def manifest(self, **secrets):
        path = self.home / "manifest.json"
        path.write_text(json.dumps({"other": 1, "required": secrets}))
        return str(path)

    def states(self, status, *words):
        told = self.expect(status, *words, "--json").json()
        return {one["key"]: one["state"] for one in told}

    def check_form(self, status, value, **form):
        self.set("global/f", value)
        state = {program.OK: "present", program.DAMAGED: "malformed"}[status]
        path = self.manifest(**{"global/f": form})
        self.assertEqual(self.states(status, "check", path), {"global/f": state}, (value, form))

    def test_without_a_manifest_the_secrets_of_sideseat(self):
        self.assertEqual(self.states(program.NOT_FOUND, "check"),
                         {"global/jwt_signing_key": "missing", "global/api_key_secret": "missing"})
        self.assertEqual(self.all(), {})
        self.expect(program.OK, "ensure")
        self.assertEqual(self.states(program.OK, "check"),
                         {"global/jwt_signing_key": "present", "global/api_key_secret": "present"})

    def test_the_manifest_in_the_configuration_is_found(self):
        config = self.home / "sideseat.json"
        config.write_text(json.dumps({"required": {"org/acme/a": {"generate": True}, "org/acme/b": {}}}))
        self.assertEqual(self.states(program.NOT_FOUND, "check"), {"org/acme/a": "missing", "org/acme/b": "missing"})
        self.assertEqual(self.states(program.NOT_FOUND, "ensure"), {"org/acme/a": "created", "org/acme/b": "missing"})
        # a file or keys that are named count alone
        self.assertEqual(self.states(program.NOT_FOUND, "check", self.manifest(**{"global/x": {}})),
                         {"global/x": "missing"})
        self.assertEqual(self.states(program.OK, "ensure", "global/y"), {"global/y": "created"})
        config.write_text(json.dumps({"required": []}))
        self.assertIn(f"{config}: required: ", self.expect(program.USAGE, "check").err)
        config.unlink()
        own = self.home / ".sideseat/sideseat.json"
        own.parent.mkdir(mode=0o700)
        own.write_text(json.dumps({"required": {"org/acme/c": {}}}))
        self.env["SIDESEAT_CONFIG"] = None
        self.assertEqual(self.states(program.NOT_FOUND, "check"), {"org/acme/c": "missing"})

    def test_ensure_takes_uris_among_keys(self):
        if program.VAULT["VAULT_ADDR"] is not None:
            self.env["SIDESEAT_SECRETS_BACKEND"] = "file"
        (self.home / "sideseat.json").write_text(json.dumps({"pkcs11": {"tokens": [
            {"label": "one", "backend": "file"},
            {"label": "two", "backend": "file", "data_dir": str(self.home / "two")},
            {"label": "three", "backend": "env"}]}}))
        self.env["SIDESEAT_SECRETS_BACKEND"] = None
        words = ("ensure", "global/a", "pkcs11:token=two;object=global%2Fb", "global/c",
                 "pkcs11:token=one;object=global%2Fd")
        told = self.expect(program.OK, *words, "--json").json()
        self.assertEqual([one["state"] for one in told], ["created"] * 4)
        self.assertEqual(self.expect(program.OK, "-t", "one", "list").out, b"global/a\nglobal/c\nglobal/d\n")
        self.assertEqual(self.expect(program.OK, "-t", "two", "list").out, b"global/b\n")
        told = self.expect(program.DENIED, "ensure", "global/a", "pkcs11:token=three;object=global%2Fb", "--json").json()
        self.assertEqual([(one["state"], one["variable"]) for one in told],
                         [("present", None), ("missing", "SIDESEAT_SECRET_GLOBAL_B")])

    def test_a_malformed_key_is_not_present(self):
        self.expect(program.OK, "ensure")
        self.set("global/jwt_signing_key", b"zz-zz-zz")
        self.assertEqual(self.states(program.DAMAGED, "check"),
                         {"global/jwt_signing_key": "malformed", "global/api_key_secret": "present"})
        result = self.expect(program.DAMAGED, "ensure")
        self.assertIn("is not hex", result.err)
        self.assertEqual(self.all()["global/jwt_signing_key"], "zz-zz-zz")

    def test_ensure_goes_on_after_a_malformed_one(self):
        self.set("global/b", b"zz")
        path = self.manifest(**{"global/a": {"generate": True}, "global/b": {"form": "hex", "generate": True},
                                "global/c": {"generate": True}})
        self.assertEqual(self.states(program.DAMAGED, "ensure", "--manifest", path),
                         {"global/a": "created", "global/b": "malformed", "global/c": "created"})
        self.assertIn(b"global/b: malformed\n", self.expect(program.DAMAGED, "ensure", "--manifest", path).out)
        self.assertEqual(self.all()["global/b"], "zz")

    def test_a_field_is_looked_at_and_never_made(self):
        value = json.dumps({"user": "u", "token": "00ff"})
        self.set("global/db", value.encode())
        path = self.manifest(**{"global/db#token": {"form": "hex", "generate": True},
                                "db#user": {"form": "hex", "generate": True},
                                "db#none": {"generate": True}, "none#x": {"optional": True}})
        for words in (("check", path), ("ensure", "--manifest", path)):
            self.assertEqual(self.states(program.DAMAGED, *words), {
                "global/db#token": "present", "db#user": "malformed", "db#none": "missing", "none#x": "missing"})
        self.assertEqual(self.states(program.OK, "ensure", "db#user"), {"db#user": "present"})
        self.assertEqual(self.states(program.NOT_FOUND, "ensure", "db#none"), {"db#none": "missing"})
        self.assertEqual(self.all(), {"global/db": value})
        # the key of a secret of its own comes first
        self.expect(program.OK, "set", "pkcs11:object=db%23user", stdin=b"ff")
        self.assertEqual(self.states(program.OK, "ensure", "db#user"), {"db#user": "present"})

    def test_a_manifest_has_keys_alone(self):
        path = self.manifest(**{"pkcs11:object=a": {"generate": True}})
        for words in (("check", path), ("ensure", "--manifest", path)):
            self.assertIn("a manifest has keys, not URIs", self.expect(program.USAGE, *words).err)
        self.assertEqual(self.all(), {})

    def test_a_sensitive_key_is_checked_without_its_value(self):
        (self.home / "sideseat.json").write_text(
            json.dumps({"pkcs11": {"sensitive": ["global/jwt_signing_key"]}}))
        self.set("global/jwt_signing_key", HEX.encode())
        path = self.manifest(**{"global/jwt_signing_key": {"form": "hex", "length": 64}})
        self.set("global/api_key_secret", HEX.encode())
        self.assertEqual(self.states(program.OK, "check", path), {"global/jwt_signing_key": "present"})
        self.assertEqual(self.expect(program.OK, "check", path, "--json").json()[0]["form"], "unchecked")
        self.assertIn(b": present; its value is not given out, so its form is unchecked\n",
                      self.expect(program.OK, "check", path).out)
        self.assertEqual(self.expect(program.OK, "check", "--json").json()[0]["form"], None)
        self.set("global/jwt_signing_key", b"zz-zz-zz")
        self.assertEqual(self.states(program.DAMAGED, "check", path), {"global/jwt_signing_key": "malformed"})

    def test_an_aes_key_is_checked_without_its_value(self):
        for usage in (["encrypt"], ["decrypt"], ["wrap"]):
            (self.home / "sideseat.json").write_text(json.dumps({"pkcs11": {"keys": [
                {"key": "global/dek", "type": "aes", "usage": usage, "sensitive": True}]}}))
            path = self.manifest(**{"global/dek": {"form": "hex", "length": 64}})
            self.set("global/dek", HEX.encode())
            self.assertEqual(self.states(program.OK, "check", path), {"global/dek": "present"})
            self.set("global/dek", HEX[:-2].encode())
            self.assertEqual(self.states(program.DAMAGED, "check", path), {"global/dek": "malformed"})

    def test_forms(self):
        for value, form in ((b"00ff", "hex"), (b"AP8=", "base64"), (b"AP8", "base64"), (b"_-8", "base64"),
                            ("zwö\n".encode(), "text"), (b"\0\xff", "any")):
            self.check_form(program.OK, value, form=form)
        for value, form in ((b"0", "hex"), (b"0g", "hex"), (b"00\n", "hex"), (b"A", "base64"), (b"A B=", "base64"),
                            (b"\0", "text"), (b"\xff", "text")):
            self.check_form(program.DAMAGED, value, form=form)

    def test_lengths_and_patterns(self):
        self.check_form(program.OK, b"12345", length=5)
        self.check_form(program.OK, b"12345", length=[5, 6])
        self.check_form(program.DAMAGED, b"12345", length=4)
        self.check_form(program.DAMAGED, b"12345", length=[6, 9])
        self.check_form(program.OK, b"sk-12", pattern="sk-[0-9]+")
        self.check_form(program.OK, b"sk-12", pattern="a|sk-[0-9]+")
        self.check_form(program.DAMAGED, b"xsk-12", pattern="sk-[0-9]+")
        self.check_form(program.DAMAGED, b"sk-12\n", pattern="sk-[0-9]+")
        self.check_form(program.DAMAGED, b"sk-12\0", pattern="sk-[0-9]+")

    def test_no_part_of_a_value_is_told(self):
        self.set("global/f", b"Xy7secret91")
        path = self.manifest(**{"global/f": {"pattern": "never", "form": "any"}})
        result = self.expect(program.DAMAGED, "check", path)
        self.assertNotIn("Xy7secret91", result.err + result.out.decode())

    def test_missing_ones_are_described_and_made_where_the_manifest_says_how(self):
        path = self.manifest(**{
            "org/acme/key": {"description": "from the provider's site"},
            "db_password": {"generate": {"alphabet": "alnum", "length": 20}, "pattern": "[A-Za-z0-9]{20}"},
            "session": {"generate": True, "form": "hex", "length": 64},
            "extra": {"optional": True}})
        self.assertEqual(set(self.states(program.NOT_FOUND, "check", path).values()), {"missing"})
        text = self.expect(program.NOT_FOUND, "check", path).out.decode()
        self.assertIn("org/acme/key: missing (from the provider's site)\n", text)
        self.assertEqual(self.states(program.NOT_FOUND, "ensure", "--manifest", path),
                         {"org/acme/key": "missing", "db_password": "created", "session": "created",
                          "extra": "missing"})
        self.set("org/acme/key", b"x")
        made = self.all()
        states = self.states(program.OK, "ensure", "--manifest", path)
        self.assertEqual(states, {"org/acme/key": "present", "db_password": "present", "session": "present",
                                  "extra": "missing"})
        self.assertEqual(self.states(program.OK, "check", path), states)
        self.assertEqual(self.all(), made)

    def test_what_is_made_has_the_form_that_the_manifest_asks_for(self):
        secrets = {
            "hex": {"form": "hex", "length": 32, "generate": True},
            "range": {"form": "hex", "length": [16, 41], "generate": True},
            "long": {"form": "hex", "length": [101, 200], "generate": True},
            "base64": {"form": "base64", "generate": True},
            "base64_24": {"form": "base64", "length": [22, 26], "generate": True},
            "letter": {"pattern": "[a-z].*", "length": [20, 20], "generate": {"alphabet": "alnum"}},
            "words": {"length": [40, 46], "generate": {"alphabet": "words"}},
            "plain": {"generate": True}}
        path = self.manifest(**secrets)
        self.assertEqual(set(self.states(program.OK, "ensure", "--manifest", path).values()), {"created"})
        self.assertEqual(set(self.states(program.OK, "check", path).values()), {"present"})
        made = {key.partition("/")[2]: len(value) for key, value in self.all().items()}
        self.assertEqual(made, {"hex": 32, "range": 40, "long": 102, "base64": 44, "base64_24": 24, "letter": 20,
                                "words": 41, "plain": 64})

    def test_a_rule_that_makes_another_form_is_refused_and_makes_nothing(self):
        for member, secret in (("length", {"form": "hex", "length": 10, "generate": True}),
                               ("form", {"form": "hex", "length": 33, "generate": True}),
                               ("pattern", {"pattern": "sk-.+", "generate": {"alphabet": "alnum"}}),
                               ("form", {"form": "hex", "generate": {"alphabet": "alnum"}}),
                               ("length", {"length": 9000, "generate": True}),
                               ("length", {"length": 20, "generate": {"length": 32}})):
            path = self.manifest(first={"generate": True}, a=secret)
            for command in (("check",), ("ensure", "--manifest")):
                result = self.expect(program.USAGE, *command, path)
                self.assertIn(f"{path}: a: generate and {member} contradict each other", result.err)
        self.assertEqual(self.all(), {})

    def test_a_read_only_store_names_the_variable(self):
        path = self.manifest(**{"org/acme/my-key": {}, "bare": {"generate": True}})
        env = {"SIDESEAT_SECRETS_BACKEND": "env"}
        told = self.expect(program.NOT_FOUND, "check", path, "--json", **env).json()
        self.assertEqual([one["variable"] for one in told],
                         ["SIDESEAT_SECRET_ORG_ACME_MY_KEY", "SIDESEAT_SECRET_GLOBAL_BARE"])
        self.expect(program.DENIED, "ensure", "--manifest", path, **env)
        env.update(SIDESEAT_SECRET_ORG_ACME_MY_KEY="x", SIDESEAT_SECRET_GLOBAL_BARE="y")
        self.expect(program.OK, "check", path, **env)
        result = self.expect(program.NOT_FOUND, "check", self.manifest(**{"a=b": {}}), "--json", **env)
        self.assertIsNone(result.json()[0]["variable"])
        self.assertIn("global/a=b cannot be in the environment", result.err)

    def test_a_broken_manifest_is_refused_with_its_fault(self):
        for secrets, words in (({"team/a/b": {}}, "not a key"), ({"a": 1}, "not an object"),
                               ({"a": {"colour": 1}}, "a member is not"), ({"a": {"form": "yaml"}}, "form is"),
                               ({"a": {"length": 0}}, "length is"), ({"a": {"length": [2, 1]}}, "length is"),
                               ({"a": {"length": [1, 2, 3]}}, "length is"), ({"a": {"pattern": "("}}, "pattern"),
                               ({"a": {"generate": False}}, "generate"), ({"a": {"generate": {"x": 1}}}, "generate"),
                               ({"a": {"generate": {"alphabet": "emoji"}}}, "alphabet"),
                               ({"a": {"generate": {"length": 3}}}, "length"),
                               ({"a": {"generate": {"length": -3}}}, "length"),
                               ({"a": {"optional": 1}}, "optional"), ({"a": {"description": 1}}, "description")):
            for command in (("check",), ("ensure", "--manifest")):
                result = self.expect(program.USAGE, *command, self.manifest(**secrets))
                self.assertIn(words, result.err)
        path = self.home / "manifest.json"
        for text in ("", "[]", "{}", '{"required": []}', '{"required": {"a": {}, "a": {}}}'):
            path.write_text(text)
            self.expect(program.USAGE, "check", str(path))
        self.expect(program.USAGE, "check", "/nowhere/manifest.json")
        self.expect(program.USAGE, "ensure", "--manifest", self.manifest(a={}), "key")


if __name__ == "__main__":
    unittest.main()
