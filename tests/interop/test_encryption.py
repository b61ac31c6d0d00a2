# SPDX-License-Identifier: Apache-2.0
"""Encryption with AES keys, by the programs that do so."""

import json
import unittest

import interop

HERE = interop.toolchains.HERE
interop.need("java", "javac")


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


if __name__ == "__main__":
    unittest.main()
