# SPDX-License-Identifier: Apache-2.0
"""Certificate requests, certificates, and signatures as openssl writes and reads them. The private
keys stay in the store."""

import hashlib
import json
import re
import subprocess
import unittest

import program

TYPES = {
    "rsa": ("RSA", "-pkeyopt", "rsa_keygen_bits:2048"),
    "p256": ("EC", "-pkeyopt", "ec_paramgen_curve:P-256"),
    "p384": ("EC", "-pkeyopt", "ec_paramgen_curve:P-384"),
    "p521": ("EC", "-pkeyopt", "ec_paramgen_curve:P-521"),
    "ed25519": ("ED25519",),
    "ed448": ("ED448",),
}
MESSAGE = b"some text\n" * 9000


class Certificates(program.StoreCase):
    pems = {}

    def setUp(self):
        super().setUp()
        program.need(self, "openssl")
        (self.home / "sideseat.json").write_text(json.dumps({"pkcs11": {"keys": [
            "global/*", {"key": "org/acme/tls", "certificate": "org/acme/chain"}]}}))
        (self.home / "message").write_bytes(MESSAGE)

    def openssl(self, *words, stdin=b"", status=0):
        done = subprocess.run(["openssl", *map(str, words)], input=stdin, capture_output=True, check=False,
                              cwd=self.home, timeout=60)
        self.assertEqual(done.returncode, status, done.stderr)
        return done.stdout

    def pair(self, kind, key=None):
        """Stores a key of this kind and leaves its public half in a file."""
        if kind not in self.pems:
            self.pems[kind] = self.openssl("genpkey", "-algorithm", *TYPES[kind])
        public = self.openssl("pkey", "-pubout", stdin=self.pems[kind])
        (self.home / f"{kind}.pub").write_bytes(public)
        self.set(key or f"global/{kind}", self.pems[kind])
        return public

    def warnings(self):
        """What the log of one program says about certificates that are not read."""
        said = self.expect(program.OK, "jwks").err
        return [line for line in said.splitlines() if "the certificates of" in line]

    def test_certificates_that_are_not_read_are_named_once(self):
        self.pair("p256")
        (self.home / "key").write_bytes(self.pems["p256"])
        pem, *others = (self.openssl("req", "-x509", "-key", "key", "-subj", f"/CN={i}") for i in range(11))
        last = others.pop()
        (self.home / "pem").write_bytes(pem)
        trusted = self.openssl("x509", "-in", "pem", "-trustout")
        bundle = self.openssl("crl2pkcs7", "-nocrl", "-certfile", "pem")
        ten = pem + b"".join(others)
        self.set("global/p256", self.pems["p256"] + ten + pem)  # again, which is no further one
        self.assertEqual(self.warnings(), [])
        for more, words in ((trusted, "a block TRUSTED CERTIFICATE"), (bundle, "a block PKCS7"), (last, "more than 10")):
            self.set("global/p256", self.pems["p256"] + ten + more)
            said = self.warnings()
            self.assertEqual(len(said), 1, said)
            self.assertIn(words, said[0])
            self.assertIn("global/p256", said[0])
            self.out("sign", "global/p256", stdin=b"x")
        self.set("org/acme/chain", trusted)
        self.set("org/acme/tls", self.pems["p256"])
        self.assertEqual(len(self.warnings()), 2)

    def out(self, *arguments, **more):
        return self.expect(program.OK, *arguments, **more).out

    def test_each_encoding(self):
        for kind in ("rsa", "p521", "ed25519"):
            self.pair(kind)
            for encoding in ("hex", "base64url", "raw", "der"):
                text = self.out("sign", "--encoding", encoding, kind, stdin=MESSAGE)
                (self.home / "text").write_bytes(text)
                self.out("verify", kind, "--encoding", encoding, "--signature-file", "text", stdin=MESSAGE)
                if encoding in ("hex", "base64url"):
                    self.out("verify", kind, "--encoding", encoding, "--signature", text.decode().strip(),
                             stdin=MESSAGE)
            told = self.expect(program.OK, "sign", "--json", kind, stdin=MESSAGE).json()
            self.out("verify", kind, "--signature", told["signature"], stdin=MESSAGE)

    def test_a_certificate_request_verifies(self):
        for kind in TYPES:
            self.pair(kind)
            pem = self.out("csr", kind, "--subject", r"/CN=a\/b\\ü/O=Acme", "--san", "www.example.org",
                           "--san", "DNS:*.example.org", "--san", "IP:10.0.0.1", "--san", "ip:2001:db8::1",
                           "--san", "email:a@example.org", "--san", "URI:https://example.org/x")
            text = self.openssl("req", "-verify", "-text", "-noout", "-nameopt", "utf8,sep_comma_plus_space",
                                stdin=pem).decode()
            self.assertIn("CN=a/b\\ü, O=Acme", text)
            self.assertIn("DNS:www.example.org, DNS:*.example.org, IP Address:10.0.0.1, IP Address:2001:DB8:0:0"
                          ":0:0:0:1, email:a@example.org, URI:https://example.org/x", text)
            public = self.openssl("req", "-pubkey", "-noout", stdin=pem)
            self.assertEqual(public, (self.home / f"{kind}.pub").read_bytes())
        self.openssl("req", "-verify", "-noout", stdin=self.out("csr", "rsa", "--san", "example.org"))
        told = self.expect(program.OK, "csr", "rsa", "--subject", "/CN=x", "--json").json()
        self.openssl("req", "-verify", "-noout", stdin=told["csr"].encode())

    def test_an_address_without_a_prefix_is_one(self):
        self.pair("p256")
        for address, shown in (("1.2.3.4", "IP Address:1.2.3.4"), ("::1", "IP Address:0:0:0:0:0:0:0:1"),
                               ("1.2.3.example", "DNS:1.2.3.example")):
            pem = self.out("csr", "p256", "--san", address)
            self.assertIn(shown, self.openssl("req", "-text", "-noout", stdin=pem).decode())

    def test_a_subject_that_is_refused_is_told_why(self):
        self.pair("p256")
        for subject, words in (("/CN=a/C=DEU", "'C=DEU': string too long"), ("/CN=" + "x" * 65, "string too long"),
                               ("/cn=a", "'cn=a': invalid field name"), ("/CN=", "not of the form NAME=VALUE"),
                               ("/CN=a\nb", "control character"), ("CN=x", "does not begin with a /")):
            self.assertIn(words, self.expect(program.USAGE, "csr", "p256", "--subject", subject).err)

    def test_mistakes_of_a_request(self):
        self.pair("p256")
        for options in ((), ("--subject", ""), ("--subject", "CN=x"), ("--subject", "/CN"), ("--subject", "/=x"),
                        ("--subject", "/CN="), ("--subject", "/nonsense=x"), ("--subject", b"/CN=\xff"),
                        ("--san", ""), ("--san", "IP:x"), ("--san", "dirName:x"), ("--san", "DNS:"),
                        ("--san", "a b"), ("--san", "-a.b"), ("--san", "a-.b"), ("--san", "\u00fc.org"), ("--san", "email:x"), ("--san", "email:@x.org"),
                        ("--san", "email:a@"), ("--san", "email:a@b@x.org"), ("--san", "email:A <a@x.org>"),
                        ("--san", "email:a@x.org,b@x.org"), ("--san", "DNS:a,b"), ("--san", "DNS:a,DNS:b"),
                        ("--san", "a..b"), ("--san", ".a"), ("--san", "a."), ("--san", "a.*.b"), ("--san", "*"),
                        ("--san", "a*.b"), ("--san", "https://x.org"), ("--san", "DNS:x/y"), ("--san", "x" * 64),
                        ("--san", "x." * 127), ("--san", "RID:1.2.3"), ("--san", "URI:x"), ("--san", "URI:"),
                        ("--san", "URI:1:x"), ("--san", "URI:x:"), ("--san", "IP:"), ("--san", "IP:1.2.3.4,IP:5.6.7.8"), ("--san", "x", "--san", "IP:1.2.3.400")):
            result = self.expect(program.USAGE, "csr", "p256", *options)
            self.assertEqual(result.out, b"")

    def certificate(self, key, *more):
        """One that an authority makes of the request, before the authority's own."""
        (self.home / "csr.pem").write_bytes(self.out("csr", key, "--subject", "/CN=www"))
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                     "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=ca")
        leaf = self.openssl("x509", "-req", "-in", "csr.pem", "-CA", "ca.crt", "-CAkey", "ca.key", *more)
        return leaf, (self.home / "ca.crt").read_bytes()

    def test_certificates_are_imported(self):
        self.pair("p256", "org/acme/tls")
        leaf, authority = self.certificate("org/acme/tls")
        (self.home / "chain.pem").write_bytes(b"Subject: x\n" + leaf + authority)
        self.out("cert", "import", "org/acme/chain", "chain.pem")
        self.assertEqual(self.out("get", "org/acme/chain"), leaf + authority)
        self.assertIn("--overwrite",
                      self.expect(program.CONFLICT, "cert", "import", "org/acme/chain", stdin=leaf).err)
        der = self.openssl("x509", "-outform", "DER", stdin=leaf)
        self.out("cert", "import", "--overwrite", "org/acme/chain", stdin=der)
        self.assertEqual(self.out("get", "org/acme/chain"), leaf)

    def test_certificates_that_do_not_fit_change_nothing(self):
        self.pair("p256", "org/acme/tls")
        leaf, authority = self.certificate("org/acme/tls")
        put = ("cert", "import", "org/acme/chain")
        self.expect(program.NOT_FOUND, *put, stdin=authority)
        for text in (b"", b"x", leaf[:200], leaf + self.pems["p256"], leaf * 11, leaf + leaf[:100],
                     (self.home / "p256.pub").read_bytes(), b"0\x03\x02\x01\x01"):
            self.expect(program.USAGE, *put, stdin=text)
        self.expect(program.USAGE, "cert", "export", "org/acme/chain", stdin=leaf)
        self.expect(program.USAGE, "cert", "import")
        self.expect(program.USAGE, *put, "/nowhere/x")
        self.expect(program.NOT_FOUND, "get", "org/acme/chain")
        self.assertEqual(self.out("get", "org/acme/tls"), self.pems["p256"])

    def test_openssl_verifies_signatures_of_a_digest(self):
        digest = hashlib.sha256(MESSAGE).digest()
        info = bytes.fromhex("3031300d060960864801650304020105000420") + digest  # RFC 8017, 9.2, note 1
        for kind, name, signed in (("rsa", "RSA", info), ("p256", "ECDSA", digest), ("p384", "ECDSA", digest),
                                   ("p521", "ECDSA", digest)):
            self.pair(kind)
            (self.home / "signed").write_bytes(signed)
            signature = self.out("sign", "-a", name, "--encoding", "der", kind, stdin=signed)
            (self.home / "signature").write_bytes(signature)
            self.openssl("pkeyutl", "-verify", "-pubin", "-inkey", f"{kind}.pub", "-in", "signed", "-sigfile", "signature")
            verify = ("verify", "-a", name, "--encoding", "der", "--signature-file", "signature", kind)
            self.out(*verify, stdin=signed)
            self.expect(program.FAILED, *verify, stdin=signed[:-1] + b"x")
            self.assertIn("cannot verify with", self.expect(program.USAGE, *verify, stdin=b"x" * 4096).err)
            self.assertIn(f"and {name}", self.expect(program.USAGE, "sign", "-a", "EdDSA", kind, stdin=digest).err)
        self.openssl("dgst", "-sha256", "-verify", "rsa.pub", "-signature", "signature", "message", status=1)
        signature = self.out("sign", "-a", "RSA", "--encoding", "raw", "rsa", stdin=info)
        self.assertEqual(signature, self.out("sign", "-a", "RS256", "--encoding", "raw", "rsa", stdin=MESSAGE))
        self.expect(program.USAGE, "sign", "-a", "ECDSA", "rsa", stdin=digest)
        self.expect(program.USAGE, "jwt", "-a", "ECDSA", "p256", stdin=b"{}")
        for name, key, text in (("RSA", "rsa", MESSAGE), ("ECDSA", "p256", MESSAGE), ("ECDSA", "p256", b"")):
            self.assertIn("give it a digest", self.expect(program.USAGE, "sign", "-a", name, key, stdin=text).err)

    def shown(self, key):
        """The parts of a secret's text, sorted by what they are."""
        text = self.out("get", key)
        blocks = re.findall(b"-----BEGIN ([A-Z ]+)-----.*?-----END [A-Z ]+-----\n", text, re.S)
        parts = re.findall(b"-----BEGIN [A-Z ]+-----.*?-----END [A-Z ]+-----\n", text, re.S)
        self.assertEqual(b"".join(parts), text)
        return ([part for kind, part in zip(blocks, parts) if b"KEY" in kind],
                [part for kind, part in zip(blocks, parts) if kind == b"CERTIFICATE"])

    def test_certificates_are_added_to_the_secret_of_their_key(self):
        for key in ("global/www", "org/acme/tls"):  # the rule of the second has another secret for them
            holder = "org/acme/chain" if key == "org/acme/tls" else key
            self.pair("p256", key)
            leaf, authority = self.certificate(key)
            told = self.expect(program.OK, "cert", "import", "--json", key, stdin=leaf + authority).json()
            self.assertEqual(told["key"], key)
            self.assertEqual(self.shown(holder)[1], [leaf, authority])
            self.out("cert", "import", key, stdin=leaf + authority)  # they are there
            self.assertEqual(self.shown(holder)[1], [leaf, authority])
            new, other = self.certificate(key, "-days", "9")
            self.assertIn("--overwrite", self.expect(program.CONFLICT, "cert", "import", key, stdin=new + other).err)
            self.assertEqual(self.shown(holder)[1], [leaf, authority])
            self.out("cert", "import", "--overwrite", key, stdin=new + other)
            self.assertEqual(self.shown(holder)[1], [new, other])
            self.assertEqual(self.shown(key)[0], [self.pems["p256"]])
            self.out("cert", "import", "--overwrite", key, stdin=new)
            self.assertEqual(self.shown(holder)[1], [new])
            self.out("verify", key, "--signature", self.out("sign", key, stdin=b"x").decode().strip(), stdin=b"x")

    def test_the_key_of_a_sensitive_secret_gets_certificates(self):
        (self.home / "sideseat.json").write_text(json.dumps({"pkcs11": {"keys": [
            {"key": "global/*", "sensitive": True}]}}))
        self.pair("rsa", "global/www")
        leaf, authority = self.certificate("global/www")
        self.out("cert", "import", "global/www", stdin=leaf + authority)
        (self.home / "sideseat.json").write_text(json.dumps({"pkcs11": {"keys": ["global/*"]}}))
        self.assertEqual(self.shown("global/www"), ([self.pems["rsa"]], [leaf, authority]))

    def test_certificates_that_do_not_fit_a_key_change_nothing(self):
        self.pair("p256", "global/www")
        self.pair("p384", "global/other")
        leaf, authority = self.certificate("global/www")
        foreign, _ = self.certificate("global/other")
        before = self.out("get", "global/www")
        for text in (authority + leaf, foreign):
            self.expect(program.USAGE, "cert", "import", "--overwrite", "global/www", stdin=text)
        self.assertEqual(self.out("get", "global/www"), before)
        self.out("cert", "import", "global/www", stdin=leaf)
        before = self.out("get", "global/www")
        # there is room for ten certificates, old and new
        many = b"".join(self.openssl("req", "-x509", "-key", "ca.key", "-subj", f"/CN={number}") for number in range(9))
        new, _ = self.certificate("global/www")
        self.expect(program.FAILED, "cert", "import", "--overwrite", "global/www", stdin=new + many)
        self.assertEqual(self.out("get", "global/www"), before)
        (self.home / "der").write_bytes(self.openssl("genpkey", "-algorithm", "ED25519", "-outform", "DER"))
        self.set("global/der", (self.home / "der").read_bytes())
        leaf, _ = self.certificate("global/der")
        self.assertIn("another secret", self.expect(program.FAILED, "cert", "import", "global/der", stdin=leaf).err)
        self.assertEqual(self.out("get", "global/der"), (self.home / "der").read_bytes())

    def rules(self, *rules):
        """The rules that make key pairs of secrets."""
        (self.home / "sideseat.json").write_text(json.dumps({"pkcs11": {"keys": rules}}))

    def test_only_certificates_are_replaced(self):
        self.rules("org/acme/tls", "org/acme/locked", {"key": "global/dek", "type": "aes"})
        self.pair("p256", "org/acme/tls")
        leaf, authority = self.certificate("org/acme/tls")
        program.need(self, "ssh-keygen")
        ssh = self.home / "ssh"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "secret", "-f", ssh], check=True, timeout=60)
        pem = self.pems["p256"]
        locked = self.openssl("pkcs8", "-topk8", "-passout", "pass:secret", stdin=pem)
        indented = b"".join(b"  " + line + b"\n" for line in pem.splitlines())
        for key, text, reason in (
                ("org/acme/locked", locked, "encrypted private key"), ("global/plain", locked, "encrypted private key"),
                ("global/old", self.openssl("ec", "-aes128", "-passout", "pass:secret", stdin=pem), "encrypted private key"),
                ("global/ssh", ssh.read_bytes(), "private key"), ("global/pem", pem, "private key"),
                ("global/both", leaf + pem, "private key"), ("global/first", pem + leaf, "private key"),
                ("global/indented", leaf + indented, "certificates alone"),
                ("global/der", self.openssl("pkey", "-outform", "DER", stdin=pem), "certificates alone"),
                ("global/public", (self.home / "p256.pub").read_bytes(), "certificates alone"),
                ("global/damaged", leaf + leaf[:200], "certificates alone"),
                ("global/password", b"hunter2hunter2", "certificates alone"), ("global/json", b"{}", "certificates alone"),
                ("global/dek", b"00" * 16, "AES key"), ("global/dek", leaf, "AES key")):
            with self.subTest(key=key, reason=reason):
                self.set(key, text)
                for options in ((), ("--overwrite",)):
                    result = self.expect(program.CONFLICT, "cert", "import", *options, key, stdin=leaf + authority)
                    self.assertIn(reason, result.err)
                    self.assertIn("nothing has changed", result.err)
                self.assertEqual(self.out("get", key), text)
        for text in (leaf, b"Bag Attributes\n" + leaf + b"\nsubject=x\n" + authority, leaf * 12,
                     self.openssl("x509", "-outform", "DER", stdin=leaf)):
            self.set("global/chain", text)
            self.out("cert", "import", "--overwrite", "global/chain", stdin=leaf + authority)
            self.assertEqual(self.out("get", "global/chain"), leaf + authority)

    def test_an_aes_key_and_a_value_that_is_never_given_out_get_no_certificates(self):
        self.rules("org/acme/tls", {"key": "global/dek", "type": "aes"}, {"key": "global/*", "sensitive": True})
        self.pair("p256", "org/acme/tls")
        leaf, _ = self.certificate("org/acme/tls")
        self.assertIn("AES key", self.expect(program.CONFLICT, "cert", "import", "global/dek", stdin=leaf).err)
        self.expect(program.NOT_FOUND, "get", "global/dek")
        self.set("global/chain", leaf)
        result = self.expect(program.DENIED, "cert", "import", "--overwrite", "global/chain", stdin=leaf)
        self.assertIn("never given out", result.err)

    def test_a_key_pair_is_found_by_its_scope_key_and_by_its_label(self):
        self.rules({"key": "global/web", "label": "web server"}, {"key": "org/acme/other", "label": "global/web"})
        public = self.pair("p256", "global/web")
        self.pair("p384", "org/acme/other")
        for name in ("global/web", "web", "web server", "pkcs11:object=web%20server;type=private",
                     "pkcs11:object=global%2Fweb;type=data"):
            self.assertEqual(self.out("pubkey", name), public)
            signature = self.out("sign", name, stdin=MESSAGE).decode().strip()
            self.out("verify", name, "--signature", signature, stdin=MESSAGE)
            self.out("jwt", name, stdin=b"{}")
            self.out("jwks", name)
            self.openssl("req", "-verify", "-noout", stdin=self.out("csr", name, "--san", "x.org"))
        leaf, authority = self.certificate("global/web")
        told = self.expect(program.OK, "cert", "import", "--json", "web server", stdin=leaf + authority).json()
        self.assertEqual(told["key"], "global/web")
        self.assertEqual(self.shown("global/web"), ([self.pems["p256"]], [leaf, authority]))
        self.out("cert", "import", "--overwrite", "global/web", stdin=leaf)
        self.assertEqual(self.shown("global/web"), ([self.pems["p256"]], [leaf]))

    def test_the_certificates_of_another_key_are_not_replaced(self):
        self.rules({"key": "global/x1", "certificate": "global/k2"}, {"key": "global/x2", "certificate": "global/both"},
                   {"key": "global/x3", "certificate": "global/both"}, "global/k2")
        self.pair("p384", "global/k2")
        second, authority = self.certificate("global/k2")
        alone = self.openssl("req", "-x509", "-key", "/dev/stdin", "-subj", "/CN=k2", stdin=self.pems["p384"])
        for kind, key in (("p256", "global/x1"), ("p256", "global/x2"), ("p521", "global/x3")):
            self.pair(kind, key)
        leaf, _ = self.certificate("global/x1")
        for own in (second, alone):  # the second is one of an authority
            self.set("global/k2", self.pems["p384"] + own)
            result = self.expect(program.CONFLICT, "cert", "import", "--overwrite", "global/x1", stdin=leaf + authority)
            self.assertIn("global/k2", result.err)
            self.assertEqual(self.out("get", "global/k2"), self.pems["p384"] + own)
        locked = self.openssl("pkcs8", "-topk8", "-passout", "pass:secret", stdin=self.pems["p384"])
        self.set("global/k2", locked + second)
        self.expect(program.CONFLICT, "cert", "import", "--overwrite", "global/x1", stdin=leaf + authority)
        self.assertEqual(self.out("get", "global/k2"), locked + second)
        self.out("cert", "import", "--overwrite", "global/x1", stdin=leaf + second)  # both stay
        self.assertEqual(self.shown("global/k2"), ([locked], [leaf, second]))
        third, _ = self.certificate("global/x3")
        self.out("cert", "import", "global/x2", stdin=leaf)
        self.assertIn("global/x2",
                      self.expect(program.CONFLICT, "cert", "import", "--overwrite", "global/x3", stdin=third).err)
        self.out("cert", "import", "global/x3", "--overwrite", stdin=third + leaf)
        self.out("cert", "import", "global/x2", "--overwrite", stdin=leaf + third)
        self.assertEqual(sorted(self.shown("global/both")[1]), sorted([leaf, third]))

    def test_openssl_verifies_signatures_in_der(self):
        for kind, digest in (("rsa", "sha256"), ("p256", "sha256"), ("p384", "sha384"), ("p521", "sha512")):
            self.pair(kind)
            (self.home / "signature").write_bytes(self.out("sign", "--encoding", "der", kind, stdin=MESSAGE))
            self.openssl("dgst", f"-{digest}", "-verify", f"{kind}.pub", "-signature", "signature", "message")
            signed = self.openssl("dgst", f"-{digest}", "-sign", "/dev/stdin", "message", stdin=self.pems[kind])
            (self.home / "signature").write_bytes(signed)
            verify = ("verify", kind, "--encoding", "der", "--signature-file", "signature")
            self.out(*verify, stdin=MESSAGE)
            self.expect(program.FAILED, *verify, stdin=MESSAGE + b"x")

    def test_signatures_of_another_form_are_refused(self):
        self.pair("p256")
        self.expect(program.USAGE, "verify", "p256")
        self.expect(program.USAGE, "verify", "p256", "--signature", "00", "--signature-file", "message")
        self.expect(program.USAGE, "verify", "p256", "--signature", "00", "--encoding", "raw")
        self.expect(program.FAILED, "verify", "p256", "--signature", "01" * 64)
        for text in (b"", b"\x30\x00", MESSAGE):
            (self.home / "signature").write_bytes(text)
            self.expect(program.USAGE, "verify", "p256", "--encoding", "der", "--signature-file", "signature")


if __name__ == "__main__":
    unittest.main()
