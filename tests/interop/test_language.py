# SPDX-License-Identifier: Apache-2.0
"""One client in its language: test_language.py CLIENT. It lists, reads, writes, deletes and signs."""

import base64
import hashlib
import hmac
import json
import subprocess
import sys
import unittest

import interop
import toolchains

CLIENT = sys.argv.pop(1)
COMMAND = interop.client(CLIENT)
JWT_KEY = "global/jwt_signing_key"
HASHES = ("SHA256", "SHA384", "SHA512")

# RFC 4231, sections 4.2 to 4.8: key, data, and the beginnings of the HMACs with SHA-256, 384 and 512
RFC4231 = {
    "1": (b"\x0b" * 20, b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
          "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59c"
          "faea9ea9076ede7f4af152e8b2fa9cb6",
          "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
          "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"),
    "2": (b"Jefe", b"what do ya want for nothing?",
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
          "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
          "8e2240ca5e69e2c78b3239ecfab21649",
          "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
          "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"),
    "3": (b"\xaa" * 20, b"\xdd" * 50, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
          "88062608d3e6ad8a0aa2ace014c8a86f0aa635d947ac9febe83ef4e55966144b"
          "2a5ab39dc13814b94e3ab6e101a34f27",
          "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39"
          "bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb"),
    "4": (bytes(range(1, 26)), b"\xcd" * 50,
          "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
          "3e8a69b7783c25851933ab6290af6ca77a9981480850009cc5577c6e1f573b4e"
          "6801dd23c4a7d679ccf8a386c674cffb",
          "b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3db"
          "a91ca5c11aa25eb4d679275cc5788063a5f19741120c4f2de2adebeb10a298dd"),
    "5": (b"\x0c" * 20, b"Test With Truncation", "a3b6167473100ee06e0c796c2955552b",
          "3abf34c3503b2a23a46efc619baef897", "415fad6271580a531d4179bc891d87a6"),
    "6": (b"\xaa" * 131, b"Test Using Larger Than Block-Size Key - Hash Key First",
          "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
          "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c6"
          "0c2ef6ab4030fe8296248df163f44952",
          "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
          "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"),
    "7": (b"\xaa" * 131,
          b"This is a test using a larger than block-size key and a larger than block-size data. The "
          b"key needs to be hashed before being used by the HMAC algorithm.",
          "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
          "6617178e941f020d351e2f254e8fd32c602420feb0b8fb9adccebb82461e99c5"
          "a678cc31e799176d3860e6110c46523e",
          "e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944"
          "b6022cac3c4982b10d5eeb55c3e4de15134676fb6de0446065c97440fa8c6a58"),
}

# A short and a long key where a program takes long to start or the others have covered the rest, and
# one in Wine, where each start takes a second or two.
FEW = CLIENT in ("java", "graphene") or interop.BACKEND != "file"
VECTORS = ("2",) if interop.WINDOWS else ("2", "6") if FEW else RFC4231


class Language(interop.Case):
    hmac_keys = {**interop.KEYS, **{f"global/rfc4231_{n}": "hex" for n in RFC4231}}

    def setUp(self):
        super().setUp()
        if interop.BACKEND == "credential-manager":  # a user has one, with what the last test left
            for key in self.names():
                self.client("delete", key)

    def client(self, *words, **more):
        return self.out(*COMMAND, interop.MODULE, *words, **more)

    def names(self):
        return sorted(self.client("list").decode().split())

    def test_secret_is_written_listed_read_replaced_and_deleted(self):
        values = {"org/acme/openai_api_key": b"sk-live-123", "user/jos\u00e9/\u9375": bytes(range(256)),
                  "project/p1/big": b"0123456789" * 3000}
        for key, value in values.items():
            self.client("write", key, stdin=value)
        self.assertEqual(self.names(), sorted(values))
        for key, value in values.items():
            self.assertEqual(self.client("read", key), value, key)
        if interop.BACKEND == "file":
            self.assertEqual(interop.read_file(self.data / "secrets.json"), values)

        self.client("write", "org/acme/openai_api_key", stdin=b"sk-live-456")
        self.assertEqual(self.client("read", "org/acme/openai_api_key"), b"sk-live-456")
        self.client("delete", "project/p1/big")
        self.assertEqual(self.names(), sorted(set(values) - {"project/p1/big"}))
        self.assertNotEqual(self.start(*COMMAND, interop.MODULE, "read", "project/p1/big").returncode, 0)

    @unittest.skipIf(interop.BACKEND != "file", "Vault's states are those of client/states")
    def test_a_denied_or_damaged_store_is_an_error_and_not_empty(self):
        self.client("write", JWT_KEY, stdin=bytes(range(32)).hex().encode())
        path = self.data / "secrets.json"
        path.chmod(0o666)
        calls = {"denied": (("read", JWT_KEY), ("list",), ("sign", JWT_KEY, "SHA256")),
                 "damaged": (("read", JWT_KEY), ("sign", JWT_KEY, "SHA256"))} # a list has the rest
        for state, words_of_state in calls.items():
            for words in words_of_state:
                with self.subTest(f"{words[0]}: {state}"):
                    done = self.start(*COMMAND, interop.MODULE, *words, stdin=b"text")
                    self.assertNotEqual(done.returncode, 0, done.stdout)
            path.chmod(0o600)
            path.write_text('{"version": 2,')

    def test_signatures_are_those_of_rfc_4231(self):
        for number in VECTORS:
            key, text, *expected = RFC4231[number]
            self.client("write", f"global/rfc4231_{number}", stdin=key.hex().encode())
            for name, start in zip(HASHES, expected):
                signature = self.client("sign", f"global/rfc4231_{number}", name, stdin=text).decode()
                self.assertEqual(len(signature), hashlib.new(name.lower()).digest_size * 2)
                self.assertTrue(signature.startswith(start), f"case {number}, {name}: {signature}")

    @unittest.skipIf(interop.WINDOWS, "the system makes no difference")
    def test_signature_is_that_of_openssl(self):
        secret = bytes(range(7, 39))
        text = b"webhook body\0" * 500
        self.client("write", JWT_KEY, stdin=secret.hex().encode())
        interop.need("openssl")
        openssl = self.out("openssl", "dgst", "-sha256", "-mac", "HMAC", "-macopt",
                           f"hexkey:{secret.hex()}", "-binary", stdin=text)
        self.assertEqual(self.client("sign", JWT_KEY, "SHA256", stdin=text).decode(), openssl.hex())
        self.assertEqual(openssl, hmac.digest(secret, text, "sha256"))

    @unittest.skipIf(interop.WINDOWS, "the system makes no difference")
    def test_token_verifies_with_pyjwt(self):
        secret = bytes(range(100, 164))
        self.client("write", JWT_KEY, stdin=secret.hex().encode())
        for name, algorithm in zip(HASHES, ("HS256", "HS384", "HS512")):
            parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")
                     for part in ({"alg": algorithm, "typ": "JWT"}, {"sub": "u1"})]
            signature = bytes.fromhex(
                self.client("sign", JWT_KEY, name, stdin=b".".join(parts)).decode())
            token = b".".join([*parts, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()
            self.assertEqual(verify(token, secret, algorithm), {"sub": "u1"})
            self.assertIsNone(verify(token, secret[::-1], algorithm))

    @unittest.skipIf(interop.BACKEND != "file", "the store makes no difference")
    @unittest.skipIf(interop.WINDOWS, "p11-kit's server is not built there")
    def test_server_in_between_changes_nothing(self):
        interop.serve(self)
        remote = (*COMMAND, interop.p11kit_client())
        secret = bytes(range(50, 82))
        self.out(*remote, "write", JWT_KEY, stdin=secret.hex().encode())
        self.assertEqual(self.out(*remote, "read", JWT_KEY), secret.hex().encode())
        self.assertEqual(self.out(*remote, "list").decode(), JWT_KEY + "\n")
        self.assertEqual(self.out(*remote, "sign", JWT_KEY, "SHA256", stdin=b"text").decode(),
                         hmac.digest(secret, b"text", "sha256").hex())
        self.out(*remote, "delete", JWT_KEY)
        self.assertEqual(self.client("list").strip(), b"")

    @unittest.skipIf(CLIENT != "java", "Java's own")
    def test_key_store_lists_keys_and_hides_them(self):
        self.client("write", JWT_KEY, stdin=bytes(range(32)).hex().encode())
        self.client("write", "org/acme/other", stdin=b"no key")
        self.assertEqual(self.client("keys").decode(), f"{JWT_KEY} hidden\n")


def verify(token, secret, algorithm):
    """PyJWT's claims of a token, None if the signature is wrong."""
    program = ("import json, jwt, sys\n"
               "try:\n    print(json.dumps(jwt.decode(sys.argv[1], bytes.fromhex(sys.argv[2]), "
               "algorithms=[sys.argv[3]])))\n"
               "except jwt.InvalidSignatureError:\n    print('null')\n")
    done = subprocess.run([toolchains.python(), "-c", program, token, secret.hex(), algorithm],
                          capture_output=True, text=True, check=True, timeout=60)
    return json.loads(done.stdout)


if __name__ == "__main__":
    unittest.main()
