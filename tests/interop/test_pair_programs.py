# SPDX-License-Identifier: Apache-2.0
"""test_pair_programs.py: more programs that use private keys of the store, each as its users run it: a TLS
server in Java, NSS, osslsigncode and OpenVPN."""

import pathlib
import signal
import struct
import subprocess
import time
import unittest

import interop
import test_pairs
from test_pairs import RSA, TLS, free_port, uri

interop.need("java", "javac", "modutil", "certutil", "cmsutil", "selfserv", "osslsigncode", "openvpn")
HERE = pathlib.Path(__file__).resolve().parent


def program_file():
    """The least that Windows would take for a program: headers, and a section with one instruction."""
    dos = b"MZ".ljust(60, b"\0") + struct.pack("<I", 64)
    file_header = struct.pack("<4sHHIIIHH", b"PE\0\0", 0x8664, 1, 0, 0, 0, 240, 0x22)
    sizes = struct.pack("<HBBIIIII", 0x20B, 14, 0, 0x200, 0, 0, 0x1000, 0x1000)
    image = struct.pack("<QIIHHHHHHIIIIHHQQQQII", 0x140000000, 0x1000, 0x200, 6, 0, 0, 0, 6, 0, 0, 0x2000, 0x200,
                        0, 3, 0, 0x100000, 0x1000, 0x100000, 0x1000, 0, 16)
    section = struct.pack("<8sIIIIIIHHI", b".text", 1, 0x1000, 0x200, 0x200, 0, 0, 0, 0, 0x60000020)
    head = dos + file_header + sizes + image + bytes(16 * 8) + section
    return head.ljust(0x200, b"\0") + b"\xc3".ljust(0x200, b"\0")


class Programs(test_pairs.Store):
    """In process. Remote below runs the same through a server."""

    def curl(self, port, *more):
        return self.out("curl", "--silent", "--show-error", "--cacert", "ca.crt", *more, f"https://localhost:{port}/")

    def test_java_serves_tls(self):
        self.out("javac", "-d", ".", HERE / "java/TlsServer.java")
        port = free_port()
        with self.running("java", "-cp", ".", "TlsServer", self.module, port, ready=port):
            for kind, cipher in (("RSA", "ECDHE-RSA-AES256-GCM-SHA384"), ("EC", "ECDHE-ECDSA-AES256-GCM-SHA384")):
                said = self.curl(port, "--tls-max", "1.2", "--ciphers", cipher)
                self.assertEqual(said.decode(), kind)
            self.assertIn(self.curl(port, "--tlsv1.3"), (b"RSA", b"EC"))

    def nss(self, *words):
        return self.out(words[0], *words[1:], "-d", "sql:nss")

    def prepare_nss(self):
        (self.home / "nss").mkdir()
        self.nss("certutil", "-N", "--empty-password")
        self.out("modutil", "-dbdir", "sql:nss", "-force", "-add", "sideseat", "-libfile", self.module)
        self.nss("certutil", "-A", "-n", "ca", "-t", "CT,C,C", "-i", "ca.crt")

    def test_nss_lists_keys_and_certificates(self):
        self.prepare_nss()
        listed = self.nss("certutil", "-L", "-h", "sideseat").decode()
        for key in self.keys:  # "u": NSS has found the private key of the certificate
            self.assertRegex(listed, rf"sideseat:{key} +u,u,u")
        keys = self.nss("certutil", "-K", "-h", "sideseat").decode()
        self.assertEqual(sorted(line.split()[-1] for line in keys.splitlines() if line.startswith("<")),
                         sorted(self.keys))

    def test_nss_serves_tls(self):
        self.prepare_nss()
        for key, option in ((RSA, "-n"), (TLS, "-e")):
            port = free_port()
            with self.running("selfserv", "-d", "sql:nss", option, f"sideseat:{key}", "-p", port, "-V", "tls1.2:",
                              ready=port):
                self.assertIn(b"GET / HTTP/1.1", self.curl(port))  # it sends back what it was asked

    def test_nss_signs_a_message(self):
        self.prepare_nss()
        for key in (RSA, TLS):
            self.nss("cmsutil", "-S", "-N", f"sideseat:{key}", "-i", self.data_file, "-o", "signed")
            said = self.out("openssl", "cms", "-verify", "-inform", "DER", "-in", "signed", "-CAfile", "ca.crt",
                            "-purpose", "any", "-binary")
            self.assertEqual(said, self.data_file.read_bytes())

    def test_osslsigncode_signs_a_program(self):
        (self.home / "app.exe").write_bytes(program_file())
        for key in (RSA, TLS):
            self.out("osslsigncode", "sign", "-pkcs11module", self.module, "-pkcs11cert", uri(key, "cert"), "-key",
                     uri(key), "-h", "sha256", "-in", "app.exe", "-out", f"{key.rpartition('/')[2]}.exe")
            said = self.out("osslsigncode", "verify", "-CAfile", "ca.crt", "-in", f"{key.rpartition('/')[2]}.exe")
            self.assertIn(b"Signature verification: ok", said)

    def openvpn_ids(self):
        """The names that OpenVPN gives to the keys, by their certificates' serial numbers."""
        said = self.out("openvpn", "--show-pkcs11-ids", self.module).decode()
        lines = [line.split(":", 1)[1].strip() for line in said.splitlines() if "Serial" in line]
        return dict(zip(lines[::2], lines[1::2]))

    def openvpn(self, name, *words):
        log = self.home / f"{name}.log"
        process = subprocess.Popen(
            ["openvpn", "--dev", "null", "--ifconfig-noexec", "--ca", "ca.crt", "--pkcs11-providers", self.module,
             "--verb", "3", "--log", log, *map(str, words)], stdin=subprocess.DEVNULL, env=self.env, cwd=self.home)
        self.addCleanup(process.wait, 30)
        self.addCleanup(process.send_signal, signal.SIGKILL)
        return process, log

    def test_openvpn_connects_two_keys(self):
        ids = self.openvpn_ids()
        serials = {key: self.out("openssl", "x509", "-in", self.certificate(key), "-noout", "-serial").decode()
                   .strip().partition("=")[2] for key in (RSA, TLS)}
        port = free_port()
        server, _ = self.openvpn("server", "--tls-server", "--dh", "none", "--lport", port, "--pkcs11-id",
                                 ids[serials[TLS]])
        client, log = self.openvpn("client", "--tls-client", "--nobind", "--remote", "127.0.0.1", port,
                                   "--pkcs11-id", ids[serials[RSA]], "--verify-x509-name", "localhost", "name")
        deadline = time.monotonic() + 60
        said = ""
        while "Initialization Sequence Completed" not in said and time.monotonic() < deadline:
            self.assertEqual((server.poll(), client.poll()), (None, None), said)
            time.sleep(0.1)
            said = log.read_text() if log.exists() else ""
        self.assertIn("Initialization Sequence Completed", said, (self.home / "server.log").read_text())
        self.assertRegex(said, "peer certificate: 256 bits EC")


class Remote(Programs):
    """Through `p11-kit server`, which alone runs the module: these programs do not have it."""

    def setUp(self):
        self.module = interop.p11kit_client()
        super().setUp()
        interop.serve(self)


if __name__ == "__main__":
    unittest.main()
