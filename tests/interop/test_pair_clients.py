# SPDX-License-Identifier: Apache-2.0
"""test_pair_clients.py CLIENT: a program that signs with a private key of the store, in its language:
Go with crypto11, Rust with cryptoki, Node with pkcs11js, and pyHanko, which signs a PDF. The key's
certificate comes from a request that our own program makes."""

import os
import subprocess
import sys
import unittest

import interop

CLIENT = sys.argv.pop(1)
COMMAND = interop.client(CLIENT)
TOOL = os.environ["SIDESEAT_TEST_TOOL"]
KINDS = {"rsa": ("RSA", "-pkeyopt", "rsa_keygen_bits:2048"), "p256": ("EC", "-pkeyopt", "ec_paramgen_curve:P-256")}
TEXT = b"some text\n" * 100

# the least that a reader takes for a document: one empty page
PDF = (b"%PDF-1.7\n1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n"
       b"2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj\n"
       b"3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>> endobj\n")

interop.need("openssl")


def document():
    """The text with its table of places."""
    places = [PDF.index(b"%d 0 obj" % number) for number in (1, 2, 3)]
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    return (PDF + b"xref\n0 4\n0000000000 65535 f \n" + rows +
            b"trailer <</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(PDF))


class PairClients(interop.Case):
    module = interop.MODULE
    kinds = tuple(KINDS)

    def setUp(self):
        super().setUp()
        config = self.home / "sideseat.json"
        rules = '{"key": "org/acme/*", "certificate": "org/acme/chain"}'
        config.write_text(config.read_text().replace('"pkcs11": {', f'"pkcs11": {{"keys": [{rules}], ', 1))
        self.env["SIDESEAT_PKCS11_MODULE"] = interop.MODULE

    def store(self, kind):
        """Puts a key into the store and leaves its public half in a file."""
        pem = self.out("openssl", "genpkey", "-algorithm", *KINDS[kind])
        self.out(TOOL, "set", f"org/acme/{kind}", stdin=pem)
        (self.home / f"{kind}.pub").write_bytes(self.out(TOOL, "pubkey", f"org/acme/{kind}"))

    def certify(self, kind):
        """Gives the key a certificate, which signs documents."""
        self.out("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                 "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=ca", "-days", "30")
        (self.home / "csr.pem").write_bytes(self.out(TOOL, "csr", f"org/acme/{kind}", "--subject", "/CN=signer"))
        (self.home / "usage").write_text("keyUsage=critical,digitalSignature,nonRepudiation\n")
        leaf = self.out("openssl", "x509", "-req", "-in", "csr.pem", "-CA", "ca.crt", "-CAkey", "ca.key",
                        "-days", "30", "-extfile", "usage")
        self.out(TOOL, "cert", "import", "org/acme/chain", stdin=leaf)

    def verify(self, kind, signature):
        """Has openssl verify; a library gives ECDSA as DER, or as PKCS#11 does."""
        if kind == "rsa" or CLIENT == "go-pair":
            (self.home / "signature").write_bytes(signature)
            (self.home / "text").write_bytes(TEXT)
            self.out("openssl", "dgst", "-sha256", "-verify", f"{kind}.pub", "-signature", "signature", "text")
        else:
            self.out(TOOL, "verify", f"org/acme/{kind}", "--signature", signature.hex(), stdin=TEXT)

    @unittest.skipIf(CLIENT == "pyhanko", "it signs documents")
    def test_a_signature_verifies(self):
        for kind in self.kinds:
            self.store(kind)
            self.verify(kind, self.out(*COMMAND, self.module, f"org/acme/{kind}", stdin=TEXT))
        self.assertNotEqual(self.start(*COMMAND, self.module, "org/acme/none", stdin=TEXT).returncode, 0)

    @unittest.skipIf(CLIENT != "pyhanko", "pyHanko's own")
    def test_a_document_is_signed(self):
        kind = self.kinds[-1]
        self.store(kind)
        self.certify(kind)
        (self.home / "in.pdf").write_bytes(document())
        self.out(*COMMAND, "sign", "addsig", "--field", "Sig1", "pkcs11", "--lib", self.module, "--token-label",
                 "sideseat", "--cert-label", f"org/acme/{kind}", "--key-label", f"org/acme/{kind}", "--skip-user-pin",
                 "in.pdf", "out.pdf")
        said = self.out(*COMMAND, "sign", "validate", "--no-revocation-check", "--trust", "ca.crt",
                        "--trust-replace", "--pretty-print", "out.pdf")
        self.assertIn(b"judged VALID", said)


class Remote(PairClients):
    """The same through a `p11-kit server`, which passes on ECDSA only without a digest."""

    kinds = tuple(KINDS) if CLIENT == "go-pair" else ("rsa",)

    def setUp(self):
        super().setUp()
        interop.serve(self)
        self.module = interop.p11kit_client()


if __name__ == "__main__":
    unittest.main()
