# SPDX-License-Identifier: Apache-2.0
"""PKCS#11 URIs where a key can stand, several keys at once, and values from a file."""

import json
import unittest
import program


class Uri(program.Case):
    def setUp(self):
        super().setUp()
        self.env["SIDESEAT_SECRETS_BACKEND"] = None
        self.config({"pkcs11": {"tokens": [{"label": "one", "backend": "file"},
                                           {"label": "two", "backend": "env"}]}})
        self.env = {name: value for name, value in self.env.items() if value is not None}
        self.env["SIDESEAT_SECRET_ORG_ACME_KEY"] = "from the environment"

    def config(self, config):
        (self.home / "sideseat.json").write_text(json.dumps(config))

    def uri(self, *arguments):
        return self.expect(program.OK, "uri", *arguments).out.decode().strip()

    def test_a_uri_is_printed_and_means_the_key(self):
        for key in ("global/a", "org/acme/a;b?c%d&e=f", "user/ü/x y", "org/acme/a/b"):
            uri = self.uri(key)
            self.assertRegex(uri, r"\Apkcs11:token=one;object=[\w%.-]+;type=data\Z")
            self.expect(program.OK, "set", uri, stdin=b"value of " + key.encode())
            for name in (key, uri, "PKCS11:" + uri[7:]):
                self.assertEqual(self.expect(program.OK, "get", name).out, b"value of " + key.encode())
            self.expect(program.OK, "delete", uri)
            self.expect(program.NOT_FOUND, "get", uri)

    def test_a_bare_name_is_completed(self):
        self.assertEqual(self.uri("a"), self.uri("global/a"))
        told = self.expect(program.OK, "uri", "a", "--json").json()
        self.assertEqual(told, {"key": "global/a", "uri": self.uri("a")})

    def test_a_uri_chooses_the_token(self):
        other = self.uri("-t", "two", "org/acme/key")
        self.assertIn("token=two", other)
        self.expect(program.OK, "set", "a", stdin=b"from the file")
        self.assertEqual(self.expect(program.OK, "get", other).out, b"from the environment")
        self.assertEqual(self.expect(program.OK, "get", "a", other, "a").out,
                         b"from the file\nfrom the environment\nfrom the file\n")
        self.assertEqual(self.expect(program.OK, "get", "-t", "two", other).out, b"from the environment")
        self.expect(program.NOT_FOUND, "get", "-t", "one", other)
        self.expect(program.DENIED, "set", other, stdin=b"x")

    def test_the_rest_of_a_uri_counts(self):
        self.expect(program.OK, "set", "a", stdin=b"x")
        for more in ("manufacturer=SideSeat%20x", "serial=0", "model=none", "slot-id=77",
                     "library-manufacturer=x", "token=three"):
            result = self.expect(program.NOT_FOUND, "get", f"pkcs11:object=a;{more}")
            self.assertIn("no token fits the URI of a", result.err)
        self.expect(program.OK, "get", "pkcs11:object=a")
        self.expect(program.OK, "get", "pkcs11:object=a;type=data")
        self.expect(program.NOT_FOUND, "get", "pkcs11:object=a;id=%01%02")

    def test_a_uri_that_names_no_secret_is_refused(self):
        for uri, reason in (("pkcs11:", "names no secret"), ("pkcs11:token=one", "names no secret"),
                            ("pkcs11:object=", "names no secret"), ("pkcs11:object=%zz", ""),
                            ("pkcs11:object=a;type=cert", "its type is cert"),
                            ("pkcs11:object=a;type=secret-key", "signing key"),
                            ("pkcs11:object=a%00b", "zero byte"), ("pkcs11:object=a;nonsense=1", ""),
                            ("pkcs11:object=a?pin-value=1234", "--pin"),
                            ("pkcs11:object=a?pin-source=/dev/null", "--pin"),
                            ("pkcs11:object=a?module-path=/x.so", "--module"),
                            ("pkcs11:object=a;object=b", "twice"), ("pkcs11:token=x;object=a;token=", "twice"),
                            ("pkcs11:object=team%2Fa%2Fb", "not a key")):
            for command in ("get", "set", "delete", "uri"):
                result = self.expect(program.USAGE, command, uri, stdin=b"x")
                self.assertIn(reason, result.err)

    def test_a_token_that_is_not_there_is_told_once(self):
        self.expect(program.OK, "set", "a", stdin=b"x")
        uri = "pkcs11:token=nope;object=a"
        for words in (("get", "a", uri), ("run", "--env", f"A={uri}", "true")):
            result = self.expect(program.NOT_FOUND, *words, SIDESEAT_PKCS11_LOG=None, SIDESEAT_PKCS11_LOG_FILE=None)
            self.assertEqual(result.err.count("\n"), 1, result.err)
            self.assertIn("no token fits the URI of a", result.err)

    def test_a_pin_is_not_shown(self):
        for uri in ("pkcs11:object=a?pin-value=hunter2", "pkcs11:object=a;pin-value=hunter2",
                    "pkcs11:PIN-VALUE=hunter2;object=a", "pkcs11:object=a?x=y&pin-source=hunter2"):
            for words in (("get", uri), ("--json", "get", uri), ("run", "--env", f"A={uri}", "true"),
                          ("copy", "a", "b", uri), ("ensure", uri)):
                result = self.expect(program.USAGE, *words)
                self.assertNotIn("hunter2", result.err)
                self.assertIn("cannot use", result.err)

    def test_a_signing_key_is_named_by_either_type(self):
        self.expect(program.OK, "ensure")
        signed = self.expect(program.OK, "sign", "jwt_signing_key", stdin=b"x").out
        for kind in ("", ";type=data", ";type=secret-key"):
            uri = "pkcs11:token=one;object=global%2Fjwt_signing_key" + kind
            self.assertEqual(self.expect(program.OK, "sign", uri, stdin=b"x").out, signed)


class Several(program.Case):
    def setUp(self):
        super().setUp()
        self.env["SIDESEAT_SECRETS_BACKEND"] = "file"
        for name in ("a", "b", "c"):
            self.expect(program.OK, "set", name, stdin=name.encode() * 8)

    def test_get_prints_all_or_none(self):
        self.assertEqual(self.expect(program.OK, "get", "b", "a").out, b"bbbbbbbb\naaaaaaaa\n")
        told = self.expect(program.OK, "get", "b", "a", "--json").json()
        self.assertEqual([(one["key"], one["value"]) for one in told],
                         [("global/b", "bbbbbbbb"), ("global/a", "aaaaaaaa")])
        for more in ((), ("--json",)):
            result = self.expect(program.NOT_FOUND, "get", "a", "none", "b", *more)
            self.assertEqual(result.out, b"")
            self.assertIn("no secret none", result.err)

    def test_get_looks_each_name_up_along_the_scopes(self):
        self.expect(program.OK, "set", "org/acme/a", stdin=b"acme's")
        ask = ("get", "a", "b", "-s", "org/acme", "-s", "global")
        self.assertEqual(self.expect(program.OK, *ask).out, b"acme's\nbbbbbbbb\n")

    def test_delete_goes_on_after_a_failure(self):
        result = self.expect(program.NOT_FOUND, "delete", "a", "none", "b")
        self.assertIn("no secret none", result.err)
        self.assertEqual(self.expect(program.OK, "list").out, b"global/c\n")

    def test_a_thousand_keys_at_once(self):
        keys = [f"org/acme/k{n}" for n in range(1000)]
        self.expect(program.NOT_FOUND, "delete", *keys, "a")
        self.expect(program.NOT_FOUND, "get", "a")

    def test_set_takes_a_file(self):
        path = self.home / "value"
        path.write_bytes(b"\0from a file\n")
        self.expect(program.OK, "set", "a", "--file", str(path), stdin=b"not this")
        self.assertEqual(self.expect(program.OK, "get", "a").out, b"\0from a file\n")
        self.expect(program.OK, "set", "a", "-n", "--file", str(path))
        self.assertEqual(self.expect(program.OK, "get", "a").out, b"\0from a file")
        for wrong in ("/nowhere/file", "/dev/null"):
            self.expect(program.USAGE, "set", "a", "--file", wrong)
        self.expect(program.USAGE, "set", "a", "--file", "/")
        self.assertEqual(self.expect(program.OK, "get", "a").out, b"\0from a file")


class Missing(program.Case):
    def test_the_variable_for_a_bare_name_is_the_one_that_counts(self):
        self.env["SIDESEAT_SECRETS_BACKEND"] = "env"
        told = self.expect(program.DENIED, "ensure", "api_key_secret", "--json").json()
        name = "SIDESEAT_SECRET_GLOBAL_API_KEY_SECRET"
        self.assertEqual(told[0]["variable"], name)
        self.env[name] = "ab" * 32
        self.expect(program.OK, "ensure", "api_key_secret")


if __name__ == "__main__":
    unittest.main()
