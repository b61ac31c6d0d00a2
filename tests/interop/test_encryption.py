# SPDX-License-Identifier: Apache-2.0
"""Encryption with AES keys, by the programs that do so."""

import json
import re
import unittest

import interop

HERE = interop.toolchains.HERE
interop.need("java", "javac", "openssl", "pkcs11-tool", "p11tool")


class Sessions(interop.Case):
    """Keys of a session. Some rule of pkcs11.keys makes the token list AES. `p11-kit server` 0.24 passes on
    none of these mechanisms."""

    def configure(self):
        (self.home / "sideseat.json").write_text(json.dumps({"pkcs11": {"keys": ["global/tls_*"]}}))

    def test_java_agrees_with_its_own_aes(self):
        self.out("javac", "-d", ".", HERE / "java/Encryption.java")
        said = self.out("java", "-cp", ".", "Encryption", interop.MODULE)
        self.assertEqual(said.decode().splitlines(), ["AES/GCM/NoPadding", "AES/CBC/PKCS5Padding", "AES/CBC/NoPadding",
                                                      "wrong tag"])

    def test_python_encrypts_and_wraps(self):
        python = interop.client("python-pkcs11")[0]
        self.assertEqual(self.out(python, "-B", HERE / "python/encryption.py", interop.MODULE), b"done\n")


class Stored(interop.Case):
    """A key in the store, made by pkcs11-tool."""

    def configure(self):
        rules = [{"key": "global/dek", "type": "aes"}, {"key": "global/kek", "type": "aes", "usage": ["wrap", "unwrap"]}]
        (self.home / "sideseat.json").write_text(json.dumps({"pkcs11": {"keys": rules}}))

    def tool(self, *words):
        return self.out("pkcs11-tool", "--module", interop.MODULE, *words)

    def make(self, label, *words):
        """Makes a key and gives its CKA_ID and its bytes."""
        said = self.tool("--keygen", "--key-type", "AES:32", "--label", label, *words).decode()
        value = interop.read_file(self.data / "secrets.json")[label]
        self.assertEqual(len(bytes.fromhex(value.decode())), 32)
        return re.search(r"ID: +([0-9a-f]+)", said)[1], value.decode()

    def test_pkcs11_tool_encrypts_what_openssl_decrypts(self):
        (self.home / "plain").write_bytes(bytes(range(256)) * 30 + b"end")
        identifier, value = self.make("global/dek")
        iv = bytes(range(16)).hex()
        words = ("--mechanism", "AES-CBC-PAD", "--iv", iv, "--id", identifier)
        self.tool("--encrypt", *words, "--input-file", "plain", "--output-file", "sealed")
        own = self.out("openssl", "enc", "-d", "-aes-256-cbc", "-K", value, "-iv", iv, "-in", "sealed")
        self.assertEqual(own, (self.home / "plain").read_bytes())
        self.tool("--decrypt", *words, "--input-file", "sealed", "--output-file", "again")
        self.assertEqual((self.home / "again").read_bytes(), own)
        # once only
        again = self.start("pkcs11-tool", "--module", interop.MODULE, "--keygen", "--key-type", "AES:32", "--label",
                           "global/dek")
        self.assertNotEqual(again.returncode, 0)
        self.assertEqual(interop.read_file(self.data / "secrets.json")["global/dek"].decode(), value)
        listed = self.tool("--list-objects", "--type", "secrkey").decode()
        self.assertRegex(listed, r"AES length 32\n +label: +global/dek")

    def test_pkcs11_tool_finds_nothing_wrong(self):
        self.make("global/dek")
        self.assertIn(b"No errors", self.tool("--test"))

    def test_java_uses_the_key_of_the_store(self):
        _, value = self.make("global/dek")
        self.out("javac", "-d", ".", HERE / "java/Encryption.java")
        sealed = self.out("java", "-cp", ".", "Encryption", interop.MODULE, "global/dek")
        own = self.out("openssl", "enc", "-d", "-aes-256-cbc", "-K", value, "-iv", b"an IV of 16 byte".hex(), stdin=sealed)
        self.assertEqual(own, bytes(10007))


if __name__ == "__main__":
    unittest.main()
