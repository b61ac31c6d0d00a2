# SPDX-License-Identifier: Apache-2.0
"""pubkey, jwks, sign, verify and jwt with key pairs, with openssl(1) and ssh-keygen(1) as oracles."""

import base64
import hashlib
import json
import subprocess
import unittest
import program
from terminal import Terminal

KINDS = {"rsa": ("RSA", "-pkeyopt", "rsa_keygen_bits:2048"), "p256": ("EC", "-pkeyopt", "ec_paramgen_curve:P-256"),
         "p384": ("EC", "-pkeyopt", "ec_paramgen_curve:P-384"), "p521": ("EC", "-pkeyopt", "ec_paramgen_curve:P-521"),
         "ed25519": ("ED25519",), "ed448": ("ED448",)}
# the algorithms of a kind, the first being the default, with openssl's words for each
PSS = ("-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest")
ALGORITHMS = {
    "rsa": {"RS256": ("-sha256",), "RS384": ("-sha384",), "RS512": ("-sha512",), "PS256": ("-sha256", *PSS),
            "PS384": ("-sha384", *PSS), "PS512": ("-sha512", *PSS)},
    "p256": {"ES256": ("-sha256",)}, "p384": {"ES384": ("-sha384",)}, "p521": {"ES512": ("-sha512",)},
    "ed25519": {"EdDSA": ()}, "ed448": {"EdDSA": ()}}


def from_base64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def to_base64url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def integer(data):
    """An INTEGER of DER."""
    data = data.lstrip(b"\0") or b"\0"
    data = b"\0" + data if data[0] & 0x80 else data
    return b"\x02" + bytes([len(data)]) + data


def ecdsa_der(signature):
    """r and s as openssl(1) takes them."""
    half = len(signature) // 2
    both = integer(signature[:half]) + integer(signature[half:])
    return b"\x30" + (bytes([len(both)]) if len(both) < 128 else bytes([0x81, len(both)])) + both


class Pairs(program.Case):
    @classmethod
    def setUpClass(cls):
        cls.pem = {kind: subprocess.run(["openssl", "genpkey", "-algorithm", *options], check=True,
                                        capture_output=True).stdout for kind, options in KINDS.items()}

    def setUp(self):
        super().setUp()
        for name in ("openssl", "ssh-keygen"):
            program.need(self, name)
        self.env["SIDESEAT_SECRETS_BACKEND"] = "file"
        (self.home / "sideseat.json").write_text('{"pkcs11": {"keys": ["org/acme/*"]}}')
        for kind, pem in self.pem.items():
            self.expect(program.OK, "set", f"org/acme/{kind}", stdin=pem)
            (self.home / f"{kind}.pem").write_bytes(pem)
            (self.home / f"{kind}.pem").chmod(0o600)
            (self.home / f"{kind}.pub").write_bytes(self.openssl("pkey", "-in", f"{kind}.pem", "-pubout"))

    def openssl(self, *words, stdin=b""):
        return subprocess.run(["openssl", *words], input=stdin, capture_output=True, check=True, timeout=60,
                              cwd=self.home).stdout

    def verified(self, kind, words, message, signature):
        """Has openssl verify."""
        (self.home / "sig").write_bytes(ecdsa_der(signature) if kind.startswith("p") else signature)
        (self.home / "message").write_bytes(message)
        if kind.startswith("ed"):
            self.openssl("pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", f"{kind}.pub", "-sigfile", "sig",
                         "-in", "message")
        else:
            self.openssl("dgst", *words, "-verify", f"{kind}.pub", "-signature", "sig", "message")

    def test_the_public_half_is_the_one_of_the_key(self):
        for kind in KINDS:
            self.assertEqual(self.expect(program.OK, "pubkey", f"org/acme/{kind}").out,
                             (self.home / f"{kind}.pub").read_bytes())
            told = self.expect(program.OK, "pubkey", "--json", f"org/acme/{kind}").json()
            self.assertEqual((told["format"], told["public_key"].encode()),
                             ("pem", (self.home / f"{kind}.pub").read_bytes()))
            if kind == "ed448":
                self.expect(program.FAILED, "pubkey", f"org/acme/{kind}", "--format", "ssh")
                continue
            line = self.expect(program.OK, "pubkey", f"org/acme/{kind}", "--format", "ssh").out.decode()
            if kind == "ed25519":  # OpenSSH does not read PKCS#8 of that kind: it checks our line alone
                (self.home / "line").write_text(line)
                shown = subprocess.run(["ssh-keygen", "-l", "-f", "line"], check=True, capture_output=True,
                                       cwd=self.home, text=True).stdout
                self.assertIn("(ED25519)", shown)
                point = self.openssl("pkey", "-pubin", "-in", f"{kind}.pub", "-outform", "DER")[-32:]
                self.assertTrue(base64.b64decode(line.split()[1]).endswith(point))
            else:
                theirs = subprocess.run(["ssh-keygen", "-y", "-f", f"{kind}.pem"], check=True, capture_output=True,
                                        cwd=self.home, text=True).stdout
                self.assertEqual(line.split()[:2], theirs.split()[:2])
            self.assertEqual(line.split()[2], f"org/acme/{kind}")

    def test_a_damaged_key_is_not_absent(self):
        self.expect(program.OK, "set", "org/acme/cut", stdin=self.pem["p256"].replace(b"\nM", b"\nQ", 1))
        self.expect(program.OK, "set", "org/acme/text", stdin=b"not a key")
        for words in (("sign",), ("pubkey",), ("jwks",), ("jwt",), ("verify", "--signature", "00" * 64)):
            stdin = b'{"sub": "x"}'
            self.expect(program.DAMAGED, *words, "org/acme/cut", stdin=stdin)
            self.expect(program.NOT_FOUND, *words, "org/acme/text", stdin=stdin)  # a pattern matches by chance
        self.assertEqual(len(self.expect(program.OK, "jwks").json()["keys"]), len(KINDS))
        (self.home / "sideseat.json").write_text('{"pkcs11": {"keys": ["org/acme/cut", "org/acme/text"]}}')
        for name in ("cut", "text"):
            self.expect(program.DAMAGED, "sign", f"org/acme/{name}", stdin=b"text")
            self.expect(program.DAMAGED, "pubkey", f"org/acme/{name}")
            self.expect(program.OK, "get", f"org/acme/{name}")

    def test_a_set_has_each_key_under_its_thumbprint(self):
        keys = self.expect(program.OK, "jwks").json()["keys"]
        self.assertEqual(sorted(key.get("crv", "RSA") for key in keys),
                         ["Ed25519", "Ed448", "P-256", "P-384", "P-521", "RSA"])
        for key in keys:
            needed = {name: key[name] for name in ("crv", "kty", "x", "y", "n", "e") if name in key}
            text = json.dumps(needed, sort_keys=True, separators=(",", ":"))
            self.assertEqual(key["kid"], to_base64url(hashlib.sha256(text.encode()).digest()))
            self.assertEqual(key["use"], "sig")
        one = self.expect(program.OK, "jwks", "org/acme/p256", "org/acme/rsa").json()["keys"]
        self.assertEqual([key["kty"] for key in one], ["EC", "RSA"])
        self.assertIn(one[0], keys)
        self.assertEqual(self.expect(program.OK, "pubkey", "org/acme/rsa", "--format", "jwk").json(), one[1])

    def rules(self, *rules):
        """The rules that make key pairs of secrets."""
        (self.home / "sideseat.json").write_text(json.dumps({"pkcs11": {"keys": rules}}))

    def test_a_key_for_agreement_is_shown_and_does_not_sign(self):
        self.rules({"key": "global/x", "usage": ["derive"]}, "org/acme/*")
        pem = self.openssl("genpkey", "-algorithm", "X25519")
        self.expect(program.OK, "set", "global/x", stdin=pem)
        public = self.openssl("pkey", "-pubout", stdin=pem)
        self.assertEqual(self.expect(program.OK, "pubkey", "global/x").out, public)
        point = self.openssl("pkey", "-pubin", "-outform", "DER", stdin=public)[-32:]
        needed = {"crv": "X25519", "kty": "OKP", "x": to_base64url(point)}  # RFC 8037, 2
        text = json.dumps(needed, sort_keys=True, separators=(",", ":"))
        kid = to_base64url(hashlib.sha256(text.encode()).digest())
        told = self.expect(program.OK, "pubkey", "global/x", "--format", "jwk").json()
        self.assertEqual(told, {**needed, "kid": kid, "use": "enc"})
        self.assertIn(told, self.expect(program.OK, "jwks").json()["keys"])
        self.assertIn("OpenSSH", self.expect(program.FAILED, "pubkey", "global/x", "--format", "ssh").err)
        for words in (("sign",), ("jwt",), ("sign", "-a", "ES256"), ("csr", "--san", "x")):
            self.assertIn("does not sign", self.expect(program.USAGE, *words, "global/x", stdin=b"{}").err)

    def test_a_set_says_what_each_key_is_for(self):
        uses = {"sign": "sig", "decrypt": "enc", "decrypt_pkcs1": "enc", "derive": "enc"}
        rows = [("rsa", ["sign"]), ("rsa", ["decrypt"]), ("rsa", ["decrypt_pkcs1"]), ("rsa", ["sign", "decrypt"]),
                ("rsa", ["raw"]), ("rsa", ["derive"]), ("p256", ["sign"]), ("p256", ["derive"]),
                ("p256", ["sign", "derive"]), ("p256", ["sign", "decrypt"]), ("ed25519", ["sign", "derive"])]
        self.rules(*[{"key": f"global/k{at}", "usage": usage} for at, (_, usage) in enumerate(rows)])
        for at, (kind, _) in enumerate(rows):
            self.expect(program.OK, "set", f"global/k{at}", stdin=self.pem[kind])
        told = []
        for at, (kind, usage) in enumerate(rows):
            jwk = self.expect(program.OK, "pubkey", "--format", "jwk", f"global/k{at}").json()
            told.append(jwk)
            can = {"rsa": ("sign", "decrypt", "decrypt_pkcs1"), "p256": ("sign", "derive"), "ed25519": ("sign",)}[kind]
            wanted = {uses[word] for word in usage if word in can}
            with self.subTest(kind=kind, usage=usage):
                self.assertEqual(jwk.get("use"), wanted.pop() if len(wanted) == 1 else None)
                self.assertEqual("alg" in jwk, jwk.get("use") == "sig" and kind != "rsa")
        self.assertEqual(sorted(map(json.dumps, self.expect(program.OK, "jwks").json()["keys"])),
                         sorted(map(json.dumps, told)))

    def test_a_key_that_is_made_for_nothing_is_told(self):
        for usage, kind, useless in (("decrypt", "ec:P-256", True), ("decrypt", "ed25519", True),
                                     ("derive", "rsa:2048", True), ("sign", "x25519", True), ("derive", "x25519", False),
                                     ("sign", "ed448", False), ("decrypt", "rsa:2048", False)):
            self.rules({"key": "global/new", "usage": [usage]})
            result = self.expect(program.OK, "keygen", "global/new", "--type", kind)
            self.assertEqual("can be used for nothing" in result.err, useless, (usage, kind))
            self.expect(program.OK, "delete", "global/new")

    def at_terminal(self, answers, *words):
        """Runs the program with --pin, which asks for the PIN of the login and for that of the key."""
        terminal = Terminal([program.TOOL, "--pin", *words], self.env, stdin=subprocess.DEVNULL)
        self.addCleanup(terminal.close)
        for question, answer in answers:
            terminal.expect(question)
            self.assertFalse(terminal.echoes())
            terminal.answer(answer)
        return terminal.end()

    def test_a_key_that_asks_for_a_login_before_each_use(self):
        self.rules({"key": "org/acme/p256", "always_authenticate": True},
                   {"key": "global/locked", "passphrase": "global/words", "always_authenticate": True})
        locked = self.openssl("pkcs8", "-topk8", "-passout", "pass:secret", stdin=self.pem["p256"])
        self.expect(program.OK, "set", "global/locked", stdin=locked)
        self.expect(program.OK, "set", "global/words", stdin=b"secret")
        uses = (("sign",), ("jwt",), ("csr", "--san", "x.org"))
        for words in uses:
            for key in ("org/acme/p256", "global/locked"):
                self.assertIn("--login", self.expect(program.LOCKED, *words, key, stdin=b"{}").err)
            self.expect(program.OK, "--login", *words, "org/acme/p256", stdin=b"{}")
            self.assertIn("--pin", self.expect(program.LOCKED, "--login", *words, "global/locked", stdin=b"{}").err)
        signature = self.expect(program.OK, "--login", "sign", "org/acme/p256", stdin=b"x").out.decode().strip()
        self.expect(program.OK, "verify", "org/acme/p256", "--signature", signature, stdin=b"x")
        asked = ((b"PIN: ", b"any"), (b"PIN for global/locked: ", b"secret"))
        status, out, err = self.at_terminal(asked, "sign", "global/locked")
        self.assertEqual(status, program.OK, err)
        self.expect(program.OK, "verify", "global/locked", "--signature", out.decode().strip())
        asked = ((b"PIN: ", b"any"), (b"PIN for global/locked: ", b"wrong"))
        status, out, err = self.at_terminal(asked, "sign", "global/locked")
        self.assertEqual((status, out), (program.LOCKED, b""))
        self.assertIn("wrong", err)

    def test_openssl_verifies_each_signature(self):
        for kind, algorithms in ALGORITHMS.items():
            for number, (name, words) in enumerate(algorithms.items()):
                options = [()] if number > 0 else [(), ("-a", name)]
                for message in (b"message", b"m" * 200_000):
                    for given in [("-a", name), *options]:
                        out = self.expect(program.OK, "sign", f"org/acme/{kind}", *given, stdin=message).out
                        if given or number == 0:
                            used = words if given else algorithms[next(iter(algorithms))]
                            self.verified(kind, used, message, bytes.fromhex(out.decode()))

    def test_a_signature_is_verified_and_a_changed_one_is_not(self):
        for kind, algorithms in ALGORITHMS.items():
            key = f"org/acme/{kind}"
            for name in algorithms:
                good = self.expect(program.OK, "sign", key, "-a", name, stdin=b"message").out.decode().strip()
                wrong = f"{int(good[:2], 16) ^ 1:02x}{good[2:]}"
                told = self.expect(program.OK, "verify", "--json", key, "-a", name, "--signature", good,
                                   stdin=b"message").json()
                self.assertEqual(told, {"key": key, "algorithm": name, "valid": True})
                for signature, message in ((wrong, b"message"), (good, b"massage")):
                    self.expect(program.FAILED, "verify", key, "-a", name, "--signature", signature, stdin=message)
            self.expect(program.USAGE if kind.startswith("p") else program.FAILED, "verify", key, "--signature", "00")
            self.expect(program.USAGE, "verify", key, "--signature", "x" * 8)
            self.expect(program.USAGE, "verify", key)

    def test_a_token_is_signed_and_names_the_key_of_the_set(self):
        ids = {key.get("crv", "RSA"): key["kid"] for key in self.expect(program.OK, "jwks").json()["keys"]}
        names = {"rsa": "RSA", "p256": "P-256", "p384": "P-384", "p521": "P-521", "ed25519": "Ed25519", "ed448": "Ed448"}
        for kind, algorithms in ALGORITHMS.items():
            for name, words in algorithms.items():
                text = self.expect(program.OK, "jwt", f"org/acme/{kind}", "-a", name, stdin=b'{"sub": "x"}').out
                header, payload, signature = text.decode().strip().split(".")
                self.assertEqual(json.loads(from_base64url(header)),
                                 {"alg": name, "typ": "JWT", "kid": ids[names[kind]]})
                self.verified(kind, words, f"{header}.{payload}".encode(), from_base64url(signature))
        text = self.expect(program.OK, "jwt", "org/acme/p256", "--kid", "mine", stdin=b"{}").out.decode()
        self.assertEqual(json.loads(from_base64url(text.split(".")[0]))["kid"], "mine")

    def test_a_key_pair_is_made_once(self):
        for kind, shown in (("rsa:2048", "Public-Key: (2048 bit)"), ("ec:P-256", "P-256"), ("ec:P-384", "P-384"),
                            ("ec:P-521", "P-521"), ("ed25519", "ED25519"), ("ed448", "ED448")):
            key = "org/acme/new_" + kind.replace(":", "_").lower()
            self.expect(program.OK, "keygen", key, "--type", kind)
            pem = self.expect(program.OK, "pubkey", key).out
            self.assertIn(shown, self.openssl("pkey", "-pubin", "-noout", "-text", stdin=pem).decode())
            signature = self.expect(program.OK, "sign", key, stdin=b"x").out.decode().strip()
            self.expect(program.OK, "verify", key, "--signature", signature, stdin=b"x")
            self.expect(program.CONFLICT, "keygen", key, "--type", kind)
            self.assertEqual(self.expect(program.OK, "pubkey", key).out, pem)
        told = self.expect(program.OK, "keygen", "--json", "org/acme/usual").json()
        self.assertEqual((told["key"], told["backend"]), ("org/acme/usual", "file"))

    def test_a_key_pair_that_cannot_be_made_is_not(self):
        for kind in ("rsa", "rsa:", "rsa:x", "rsa:-1", "rsa:99999", "dsa", "ec:p-256", "ec:secp256k1", ""):
            self.expect(program.USAGE, "keygen", "org/acme/none", "--type", kind)
        for words in (("org/acme/none", "--type", "rsa:1024"), ("org/acme/none", "--type", "rsa:8192"),
                      ("global/not_listed",)):
            result = self.run_tool("keygen", *words)
            self.assertNotEqual(result.status, program.OK)
            self.assertIn("pkcs11.keys" if len(words) == 1 else "2048", result.err)
        for key in ("org/acme/none", "global/not_listed"):
            self.expect(program.NOT_FOUND, "get", key)

    def test_a_token_without_key_pairs_makes_none(self):
        (self.home / "sideseat.json").write_text("{}")
        result = self.expect(program.FAILED, "keygen", "org/acme/none")
        self.assertRegex(result.err, "cannot make org/acme/none: .*pkcs11.keys")
        self.assertNotIn("--algorithm", result.err)
        self.expect(program.NOT_FOUND, "get", "org/acme/none")

    def test_mistakes_have_their_own_answers(self):
        result = self.expect(program.USAGE, "sign", "org/acme/rsa", "-a", "ES256")
        self.assertIn("org/acme/rsa does not sign with ES256; its algorithms are RS256, RS384, RS512, PS256, PS384, "
                      "PS512 and RSA", result.err)
        result = self.expect(program.USAGE, "jwt", "org/acme/rsa", "-a", "HS256", stdin=b"{}")
        self.assertIn("org/acme/rsa does not sign with HS256; its algorithms are RS256", result.err)
        for words in (("sign", "org/acme/p256", "-a", "sha256"), ("sign", "org/acme/p256", "-a", "ES384"),
                      ("sign", "org/acme/p256", "-a", "HS256"), ("jwt", "org/acme/p256", "-a", "sha256"),
                      ("pubkey", "org/acme/rsa", "--format", "der"), ("pubkey",)):
            self.expect(program.USAGE, *words, stdin=b"{}")
        self.expect(program.OK, "set", "org/other/text", stdin=b"not a key")
        for words in (("sign", "org/other/text"), ("pubkey", "org/other/text"), ("pubkey", "none"),
                      ("jwks", "org/acme/rsa", "none"), ("sign", "none", "-a", "RS256")):
            self.expect(program.NOT_FOUND, *words)
        (self.home / "sideseat.json").write_text("{}")
        self.assertEqual(self.expect(program.OK, "jwks").json(), {"keys": []})

    def test_the_status_names_the_keys_that_cannot_be_used(self):
        self.assertEqual(self.expect(program.OK, "status", "--json").json()["tokens"][0]["faulty_keys"], [])
        small = subprocess.run(["openssl", "genrsa", "1024"], check=True, capture_output=True).stdout
        locked = subprocess.run(["openssl", "pkcs8", "-topk8", "-passout", "pass:secret"], input=self.pem["p256"],
                                check=True, capture_output=True).stdout
        self.expect(program.OK, "set", "org/acme/small", stdin=small)
        self.expect(program.OK, "set", "org/acme/locked", stdin=locked)
        said = self.expect(program.OK, "status").out.decode()
        self.assertIn("org/acme/small holds an RSA key that is too small", said)
        self.assertIn("org/acme/locked holds an encrypted key", said)
        faulty = self.expect(program.OK, "status", "--json").json()["tokens"][0]["faulty_keys"]
        self.assertEqual(sorted(one["key"] for one in faulty), ["org/acme/locked", "org/acme/small"])

    def test_what_was_a_key_under_a_pattern_is_told_and_other_text_is_not(self):
        der = self.openssl("pkey", "-outform", "DER", stdin=self.pem["p256"])
        text = self.pem["p256"].decode()
        damaged = {"cut": der[:-9], "longer": der + b"x", "wide": text.encode("utf-16"),
                   "blanks": text.replace("BEGIN ", "BEGIN  ").encode(), "dashes": text[1:].encode()}
        for name, value in damaged.items():
            self.expect(program.OK, "set", f"org/acme/{name}", stdin=value)
        for name, value in (("json", b'{"private": "no PRIVATE KEY"}'), ("password", b"0\x82secret"), ("newline", der + b"\n")):
            self.expect(program.OK, "set", f"org/acme/{name}", stdin=value)
        faulty = self.expect(program.OK, "status", "--json").json()["tokens"][0]["faulty_keys"]
        self.assertEqual(sorted(one["key"] for one in faulty), sorted(f"org/acme/{name}" for name in damaged))
        for one in faulty:
            self.assertIn("is damaged", one["fault"])
        self.assertEqual(self.expect(program.OK, "pubkey", "org/acme/newline").out, (self.home / "p256.pub").read_bytes())

    def test_numbers_of_rsa_that_do_not_belong_together_sign_nothing(self):
        der = self.openssl("rsa", "-traditional", "-outform", "DER", stdin=self.pem["rsa"])
        modulus = der[:60] + bytes([der[60] ^ 1]) + der[61:]
        exponent = der.replace(b"\2\3\1\0\1", b"\2\3\1\0\3", 1)
        self.assertNotEqual(exponent, der)
        for changed in (modulus, exponent):
            self.expect(program.OK, "set", "org/acme/rsa", stdin=changed)
            self.expect(program.DAMAGED, "sign", "org/acme/rsa", stdin=b"x")
            said = self.expect(program.OK, "status").out.decode()
            self.assertIn("org/acme/rsa holds a private key or certificate that is damaged", said)

    def test_a_key_is_named_by_the_uri_of_each_half(self):
        signature = self.expect(program.OK, "sign", "org/acme/rsa", stdin=b"x").out.decode().strip()
        for kind in ("", ";type=data", ";type=private", ";type=public"):
            uri = f"pkcs11:object=org%2Facme%2Frsa{kind}"
            self.assertEqual(self.expect(program.OK, "sign", uri, stdin=b"x").out.decode().strip(), signature)
            self.expect(program.OK, "verify", uri, "--signature", signature, stdin=b"x")
            self.expect(program.OK, "pubkey", uri)
        self.expect(program.USAGE, "get", "pkcs11:object=org%2Facme%2Frsa;type=private")


if __name__ == "__main__":
    unittest.main()
