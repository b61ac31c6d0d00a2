# SPDX-License-Identifier: Apache-2.0
"""ensure, generate, sign, jwt and status."""

import base64
import hashlib
import hmac
import json
import subprocess
import unittest
import program

REQUIRED = ["global/jwt_signing_key", "global/api_key_secret"]


def unpadded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Keys(program.Case):
    def setUp(self):
        super().setUp()
        self.env["SIDESEAT_SECRETS_BACKEND"] = "file"

    def test_ensure_makes_absent_keys_and_nothing_else(self):
        self.expect(program.OK, "set", REQUIRED[1], stdin=b"00ff")
        told = self.expect(program.OK, "ensure", "--json").json()
        self.assertEqual([one["state"] for one in told], ["created", "present"])
        made = self.expect(program.OK, "get", REQUIRED[0]).out
        self.assertRegex(made, rb"^[0-9a-f]{64}$")
        again = self.expect(program.OK, "ensure").out.decode().splitlines()
        self.assertEqual(again, [f"{key}: present" for key in REQUIRED])
        self.assertEqual(self.expect(program.OK, "get", REQUIRED[0]).out, made)
        self.assertEqual(self.expect(program.OK, "get", REQUIRED[1]).out, b"00ff")

    def test_of_many_at_once_one_makes_the_secret(self):
        racers = [
            subprocess.Popen([program.TOOL, "ensure", "--json"], env=self.env, text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            for _ in range(8)
        ]
        results = [racer.communicate(timeout=60) for racer in racers]
        self.assertEqual([racer.returncode for racer in racers], [program.OK] * 8, results)
        for place in range(2):
            states = sorted(json.loads(out)[place]["state"] for out, _ in results)
            self.assertEqual(states, ["created"] + ["present"] * 7)

    def test_ensure_takes_other_keys(self):
        self.expect(program.OK, "ensure", "org/acme/k")
        self.assertEqual(self.expect(program.OK, "list").out, b"org/acme/k\n")

    def test_ensure_changes_nothing_where_the_store_does_not_work(self):
        self.data.mkdir(mode=0o700)
        path = self.data / "secrets.json"
        path.write_text('{"version": 99, "secrets": {}}')
        path.chmod(0o600)
        self.expect(program.UNREACHABLE, "ensure")
        self.assertEqual(path.read_text(), '{"version": 99, "secrets": {}}')

    def test_ensure_names_the_variables_that_are_missing(self):
        result = self.expect(
            program.DENIED, "ensure", "-b", "env", SIDESEAT_SECRETS_ENV_PREFIX="APP_",
            APP_GLOBAL_API_KEY_SECRET="00",
        )
        lines = result.out.decode().splitlines()
        self.assertIn("APP_GLOBAL_JWT_SIGNING_KEY", lines[0])
        self.assertEqual(lines[1], "global/api_key_secret: present")
        told = self.expect_json(program.DENIED, "ensure", "-b", "env")
        self.assertEqual(
            [one["variable"] for one in told],
            ["SIDESEAT_SECRET_GLOBAL_JWT_SIGNING_KEY", "SIDESEAT_SECRET_GLOBAL_API_KEY_SECRET"],
        )

    def expect_json(self, status, *arguments):
        return self.expect(status, "--json", *arguments).json()

    def test_generate_makes_a_secret_once(self):
        self.expect(program.OK, "generate", "global/a")
        first = self.expect(program.OK, "get", "global/a").out
        self.expect(program.CONFLICT, "generate", "global/a")
        self.assertEqual(self.expect(program.OK, "get", "global/a").out, first)

    def test_sign_agrees_with_another_hmac(self):
        self.expect(program.OK, "ensure")
        key = bytes.fromhex(self.expect(program.OK, "get", REQUIRED[0]).out.decode())
        for message in (b"", b"abc", b"\0" * 200_001):
            for name in ("sha256", "sha384", "sha512"):
                expected = hmac.new(key, message, getattr(hashlib, name))
                given = self.expect(program.OK, "sign", REQUIRED[0], "-a", name, stdin=message).out
                self.assertEqual(given.decode(), expected.hexdigest() + "\n")
            url = self.expect(
                program.OK, "sign", REQUIRED[0], "--encoding", "base64url", stdin=message
            ).out.decode()
            self.assertEqual(unpadded(url[:-1]), hmac.digest(key, message, "sha256"))

    def test_sign_as_json(self):
        self.expect(program.OK, "ensure")
        told = self.expect(program.OK, "sign", "--json", REQUIRED[0], stdin=b"abc").json()
        self.assertEqual((told["key"], told["algorithm"]), (REQUIRED[0], "sha256"))
        self.assertEqual(len(told["signature"]), 64)

    def test_a_secret_that_is_not_a_signing_key_is_told(self):
        self.expect(program.OK, "set", "global/a", stdin=b"x")
        result = self.expect(program.NOT_FOUND, "sign", "global/a")
        self.assertIn("pkcs11.hmac_keys", result.err)

    def test_an_hmac_key_does_not_sign_as_a_key_pair(self):
        self.expect(program.OK, "ensure")
        for words, name, names in ((("sign", "-a", "RS256"), "RS256", "sha256, sha384 and sha512"),
                                   (("verify", "-a", "EdDSA", "--signature", "00"), "EdDSA", "sha256, sha384 and sha512"),
                                   (("jwt", "-a", "ES256"), "ES256", "HS256, HS384 and HS512")):
            result = self.expect(program.USAGE, *words, "jwt_signing_key", stdin=b"{}")
            self.assertIn(f"jwt_signing_key does not sign with {name}; its algorithms are {names}", result.err)

    def test_jwt_is_a_jws_of_the_payload_as_given(self):
        self.expect(program.OK, "ensure")
        key = bytes.fromhex(self.expect(program.OK, "get", REQUIRED[0]).out.decode())
        payload = b'{"sub": "u1", "amount": 1.10, "name": "\xc3\xbc"}'
        for algorithm, digest in (("HS256", "sha256"), ("HS384", "sha384"), ("HS512", "sha512")):
            token = self.expect(
                program.OK, "jwt", REQUIRED[0], "-a", algorithm, stdin=b" \n" + payload + b"\n"
            ).out.decode()
            head, body, signature = token.rstrip("\n").split(".")
            self.assertEqual(json.loads(unpadded(head)), {"alg": algorithm, "typ": "JWT"})
            self.assertEqual(unpadded(body), payload)
            self.assertEqual(
                unpadded(signature), hmac.digest(key, f"{head}.{body}".encode(), digest)
            )

    def test_jwt_takes_only_a_json_object(self):
        self.expect(program.OK, "ensure")
        for payload in (b"", b"[1]", b'"x"', b'{"a":1', b'{"a":1,"a":2}', b"{}{}", b"\xff"):
            result = self.expect(program.USAGE, "jwt", REQUIRED[0], stdin=payload)
            self.assertEqual(result.out, b"")
            self.assertIn("JSON", result.err)

    def test_a_sensitive_key_signs_and_is_not_read(self):
        (self.home / "sideseat.json").write_text(
            json.dumps({"pkcs11": {"sensitive": [REQUIRED[0]]}})
        )
        self.expect(program.OK, "ensure")
        self.expect(program.OK, "sign", REQUIRED[0], stdin=b"abc")
        result = self.expect(program.DENIED, "get", REQUIRED[0])
        self.assertEqual(result.out, b"")
        self.assertIn("sideseat-secrets sign", result.err)

    def test_what_makes_a_value_sensitive_is_told(self):
        rules = [{"key": "global/dek", "type": "aes", "sensitive": True}, {"key": "global/pair", "sensitive": True}]
        (self.home / "sideseat.json").write_text(json.dumps({"pkcs11": {"sensitive": ["global/a"], "keys": rules}}))
        for key in ("global/dek", "global/pair", "global/a"):
            self.expect(program.OK, "set", key, stdin=b"00" * 16)
            result = self.expect(program.DENIED, "get", key)
            self.assertIn("as pkcs11.sensitive or its rule in pkcs11.keys says", result.err)
            self.assertIn("one that signs: sideseat-secrets sign", result.err)


class Status(program.Case):
    def test_status_tells_the_backend_and_its_origin(self):
        self.env["SIDESEAT_SECRETS_BACKEND"] = "file"
        text = self.expect(program.OK, "status").out.decode()
        for part in ("token sideseat", "file", "SIDESEAT_SECRETS_BACKEND", "persistent", str(self.data)):
            self.assertIn(part, text)

    def test_json_of_status_has_this_shape(self):
        told = self.expect(program.OK, "status", "--json", "-b", "file").json()
        self.assertEqual(told["module"], program.MODULE)
        token = told["tokens"][0]
        self.assertEqual((token["token"], token["backend"], token["slot"]), ("sideseat", "file", 1))
        self.assertEqual(token["persistence"], "persistent")
        self.assertIs(token["read_only"], False)
        self.assertIs(token["health"]["ok"], True)
        self.assertIsNone(token["health"]["error"])
        self.assertEqual(set(token["health"]), {"ok", "error", "text", "remedy"})
        for setting in token["settings"]:
            self.assertEqual(set(setting), {"path", "value", "origin"})
        self.assertIn("data_dir", [setting["path"] for setting in token["settings"]])
        self.assertTrue(token["description"])
        self.assertTrue(token["selected_by"])

    def test_a_store_that_does_not_work_is_told_with_the_remedy(self):
        self.data.mkdir(mode=0o700)
        (self.data / "secrets.json").mkdir()
        result = self.run_tool("status", "-b", "file", "--json")
        self.assertNotEqual(result.status, program.OK)
        health = result.json()["tokens"][0]["health"]
        self.assertIs(health["ok"], False)
        self.assertTrue(health["error"] and health["text"] and health["remedy"], health)

    def test_a_secret_setting_is_not_shown(self):
        self.env["SIDESEAT_SECRETS_VAULT_TOKEN"] = "hvs.not-to-be-seen"
        result = self.run_tool(
            "status", "--json", "-b", "vault", "--set", "vault.address=http://127.0.0.1:1"
        )
        self.assertNotIn(b"not-to-be-seen", result.out)
        self.assertNotIn("not-to-be-seen", result.err)
        settings = {one["path"]: one["value"] for one in result.json()["tokens"][0]["settings"]}
        self.assertIsNone(settings["vault.token"])


if __name__ == "__main__":
    unittest.main()
