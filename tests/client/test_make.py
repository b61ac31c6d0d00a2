# SPDX-License-Identifier: Apache-2.0
"""generate with lengths and alphabets, sign and verify, and the options of jwt, with Python's own
implementations as oracles."""

import base64
import collections
import hashlib
import hmac
import json
import math
import time
import unittest
import program

KEY = bytes(range(32))


class Generate(program.StoreCase):
    def value(self, key):
        return self.expect(program.OK, "get", key).out.decode()

    def test_each_alphabet_and_length(self):
        for number, (alphabet, length, form) in enumerate((
                ("hex", 64, "[0-9a-f]{64}"), ("base64url", 43, r"[\w-]{43}"),
                ("alnum", 32, "[A-Za-z0-9]{32}"), ("hex", 17, "[0-9a-f]{17}"),
                ("alnum", 8192, "[A-Za-z0-9]{8192}"),
                ("words", 8, "[a-z]{5}(-[a-z]{5}){7}"), ("words", 4, "[a-z]{5}(-[a-z]{5}){3}"))):
            key = f"org/acme/k{number}"
            usual = {"hex": 64, "base64url": 43, "alnum": 32, "words": 8}[alphabet] == length
            options = () if usual else ("--length", str(length))
            self.expect(program.OK, "generate", key, "--alphabet", alphabet, *options)
            self.assertRegex(self.value(key), rf"\A{form}\Z")

    def test_an_existing_secret_stays(self):
        self.set("a", b"mine")
        for options in ((), ("--length", "20"), ("--alphabet", "words")):
            self.expect(program.CONFLICT, "generate", "a", *options)
        self.assertEqual(self.value("a"), "mine")

    def test_mistakes_make_nothing(self):
        for options in (("--length", "0"), ("--length", "15"), ("--length", "8193"), ("--length", "-1"),
                        ("--length", "2x"), ("--length", ""), ("--length", "99999999999999999999999"),
                        ("--alphabet", "emoji"), ("--alphabet", "words", "--length", "3")):
            self.expect(program.USAGE, "generate", "a", *options)
        self.expect(program.NOT_FOUND, "get", "a")

    def test_every_character_is_equally_likely(self):
        for alphabet, count in (("alnum", 62), ("base64url", 64), ("hex", 16)):
            self.expect(program.OK, "generate", f"org/x/{alphabet}", "--alphabet", alphabet, "--length", "8192")
            found = collections.Counter(self.value(f"org/x/{alphabet}"))
            self.assertEqual(len(found), count)
            expected = 8192 / count
            chi = sum((n - expected) ** 2 / expected for n in found.values())
            # one in 10**9 by chance
            self.assertLess(chi, count - 1 + 6.5 * math.sqrt(2 * (count - 1)) + 20, found)


class Verify(program.Case):
    def setUp(self):
        super().setUp()
        self.env["SIDESEAT_SECRETS_BACKEND"] = "file"
        self.expect(program.OK, "set", "jwt_signing_key", stdin=KEY.hex().encode())

    def verify(self, status, signature, *options, stdin=b"message"):
        return self.expect(status, "verify", "jwt_signing_key", "--signature", signature, *options,
                           stdin=stdin)

    def test_a_signature_is_verified(self):
        for name in ("sha256", "sha384", "sha512"):
            for message in (b"", b"message", b"m" * 300_000):
                digest = hmac.new(KEY, message, name).digest()
                wrong = bytes([digest[0] ^ 1]) + digest[1:]
                text = base64.urlsafe_b64encode(digest).decode().rstrip("=")
                self.verify(program.OK, digest.hex().upper(), "-a", name, stdin=message)
                self.verify(program.OK, text, "-a", name, "--encoding", "base64url", stdin=message)
                self.verify(program.FAILED, wrong.hex(), "-a", name, stdin=message)
        told = self.verify(program.FAILED, "00" * 32, "--json").json()
        self.assertEqual(told, {"key": "jwt_signing_key", "algorithm": "sha256", "valid": False})

    def test_sign_and_verify_agree(self):
        signed = self.expect(program.OK, "sign", "jwt_signing_key", stdin=b"message").out.decode().strip()
        self.assertTrue(self.verify(program.OK, signed, "--json").json()["valid"])

    def test_mistakes(self):
        for wrong in ("", "00", "0" * 63, "x" * 64, "00" * 33):
            self.verify(program.USAGE, wrong)
        self.expect(program.USAGE, "verify", "jwt_signing_key")
        self.verify(program.USAGE, "00" * 32 + "=", "--encoding", "base64url")
        self.expect(program.NOT_FOUND, "verify", "none", "--signature", "00" * 32)


class Jwt(program.Case):
    def setUp(self):
        super().setUp()
        self.env["SIDESEAT_SECRETS_BACKEND"] = "file"
        self.expect(program.OK, "set", "jwt_signing_key", stdin=KEY.hex().encode())

    def token(self, payload, *options):
        text = self.expect(program.OK, "jwt", "jwt_signing_key", *options, stdin=payload).out.decode().strip()
        signed, _, signature = text.rpartition(".")
        digest = hmac.new(KEY, signed.encode(), hashlib.sha256).digest()
        self.assertEqual(base64.urlsafe_b64encode(digest).decode().rstrip("="), signature)
        header, body = (base64.urlsafe_b64decode(part + "==") for part in signed.split("."))
        return json.loads(header), body

    def test_without_options_the_payload_stays(self):
        header, body = self.token(b' {"b" : 1, "a":\t"\xc3\xbc"}\n')
        self.assertEqual(header, {"alg": "HS256", "typ": "JWT"})
        self.assertEqual(body, b'{"b" : 1, "a":\t"\xc3\xbc"}')

    def test_claims_are_added_at_the_end(self):
        for payload in (b"{}", b"{ }", b'{"sub": "u1"}', b'{"a": {"exp": 1}}\n'):
            for text, seconds in (("90", 90), ("90s", 90), ("15m", 900), ("2h", 7200), ("30d", 2592000)):
                before = int(time.time())
                _, body = self.token(payload, "--iat", "--exp", text)
                told = json.loads(body)
                self.assertTrue(before <= told["iat"] <= time.time())
                self.assertEqual(told["exp"] - told["iat"], seconds)
                begin = payload.strip()[:-1]
                self.assertTrue(body.startswith(begin))
                self.assertEqual({k: v for k, v in told.items() if k not in ("iat", "exp")}, json.loads(payload))
        self.assertEqual(set(json.loads(self.token(b"{}", "--iat")[1])), {"iat"})
        self.assertEqual(set(json.loads(self.token(b"{}", "--exp", "1")[1])), {"exp"})

    def test_the_header_takes_a_key_id_and_more(self):
        header, _ = self.token(b"{}", "--kid", 'k"1', "--header", "typ=at+jwt", "--header", "cty=x=y")
        self.assertEqual(header, {"alg": "HS256", "typ": "at+jwt", "kid": 'k"1', "cty": "x=y"})

    def test_mistakes(self):
        for options in (("--exp", "0"), ("--exp", "15x"), ("--exp", ""), ("--exp", "-1"), ("--exp", "1.5h"),
                        ("--exp", "99999999999999999999"), ("--exp", "999999999d"), ("--header", "x"),
                        ("--header", "=x"), ("--header", "alg=none"), ("--header", "kid=x"),
                        ("--kid", b"\xff"), ("--header", b"x=\xff")):
            self.expect(program.USAGE, "jwt", "jwt_signing_key", *options, stdin=b"{}")
        self.expect(program.USAGE, "jwt", "jwt_signing_key", "--exp", "1m", stdin=b'{"exp": 1}')
        self.expect(program.USAGE, "jwt", "jwt_signing_key", "--iat", stdin=b'{"iat": 1}')


if __name__ == "__main__":
    unittest.main()
