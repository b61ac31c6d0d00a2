# SPDX-License-Identifier: Apache-2.0
"""Programs that ask a PKCS#11 module for private keys and certificates: OpenSSH, GnuTLS, OpenSC,
OpenSSL's engine, nginx, curl, Java and Python, each as its users run it. OpenSSL verifies what they
sign. The keys are secrets in a store, and no file holds them."""

import contextlib
import getpass
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time
import unittest

import interop
import keys_page

interop.need("p11tool", "pkcs11-tool", "openssl", "ssh", "ssh-keygen", "ssh-add", "ssh-agent", "git",
             "sshd", "nginx", "curl", "gnutls-serv", "keytool", "jarsigner", "jar")

URI = "pkcs11:token=sideseat;object={};type={}"
TLS = "org/acme/tls"
SSH = "user/u1/ssh"
RSA = "org/acme/signing"


def uri(key, kind="private"):
    return URI.format(key.replace("/", "%2F"), kind)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Store(interop.Case):
    """A store with keys and their certificates, and servers that use it."""

    module = interop.MODULE
    keys = [TLS, SSH, RSA]
    rules = [*keys, "org/acme/made_*"]

    def configure(self):
        super().configure()
        config = self.home / "sideseat.json"
        rules = ", ".join([*(f'"{rule}"' for rule in self.rules),
                           '{"key": "org/acme/agree_*", "usage": ["derive"]}'])
        config.write_text(config.read_text().replace('"pkcs11": {', f'"pkcs11": {{"keys": [{rules}], ', 1))

    def setUp(self):
        super().setUp()
        self.env.update(PKCS11_MODULE_PATH=self.module, PATH=f"/usr/sbin:/usr/bin:/bin:{os.environ['PATH']}")
        self.ca("ca")
        for key, options in ((TLS, ("EC", "-pkeyopt", "ec_paramgen_curve:P-256")),
                             (SSH, ("EC", "-pkeyopt", "ec_paramgen_curve:P-384")),
                             (RSA, ("RSA", "-pkeyopt", "rsa_keygen_bits:2048"))):
            self.store(key, options)
        self.data_file = self.home / "text"
        self.data_file.write_bytes(b"some text\n" * 200)

    def ca(self, name):
        self.out("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                 "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.crt", "-subj", f"/CN={name}",
                 "-days", "30")

    def store(self, key, options):
        """Makes a key and its certificate, stores them as one secret and keeps only the public half."""
        name = key.replace("/", "_")
        self.out("openssl", "genpkey", "-algorithm", *options, "-out", "key.pem")
        self.out("openssl", "pkey", "-in", "key.pem", "-pubout", "-out", f"{name}.pub")
        self.out("openssl", "req", "-new", "-key", "key.pem", "-subj", "/CN=localhost", "-out", "csr.pem",
                 "-addext", "subjectAltName=DNS:localhost")
        self.out("openssl", "x509", "-req", "-in", "csr.pem", "-CA", "ca.crt", "-CAkey", "ca.key",
                 "-CAcreateserial", "-days", "30", "-copy_extensions", "copy", "-out", f"{name}.crt")
        pem = (self.home / "key.pem").read_bytes() + (self.home / f"{name}.crt").read_bytes()
        (self.home / "both.pem").write_bytes(pem + (self.home / "ca.crt").read_bytes())
        self.written.add(pem)
        self.out("pkcs11-tool", "--module", interop.MODULE, "--write-object", "both.pem", "--type", "data",
                 "--label", key, "--private")
        for left in ("key.pem", "both.pem"):
            (self.home / left).unlink()

    def public(self, key):
        return self.home / f"{key.replace('/', '_')}.pub"

    def certificate(self, key):
        return self.home / f"{key.replace('/', '_')}.crt"

    def assert_signed(self, key, signature, *options, digest="-sha256"):
        said = self.out("openssl", "dgst", digest, *options, "-verify", self.public(key), "-signature",
                        signature, self.data_file)
        self.assertIn(b"Verified OK", said)

    @contextlib.contextmanager
    def running(self, *words, ready):
        """A server that runs in the foreground, once it takes connections on the port `ready`."""
        log = open(self.home / "server.log", "wb")
        server = subprocess.Popen(list(map(str, words)), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                  env=self.env, cwd=self.home, start_new_session=True)
        try:
            self.wait_for(ready, server)
            yield
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGTERM)
            server.wait(timeout=30)
            log.close()

    def wait_for(self, port, server):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and server.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                return
            time.sleep(0.05)
        self.fail((self.home / "server.log").read_text(errors="replace")[-2000:] + self.log()[-2000:])


class Pairs(Store):
    """In process. Remote below runs a part through a server."""

    # with the words that pkcs11-tool and openssl need
    mechanisms = [(RSA, "SHA256-RSA-PKCS", (), ()),
                  (TLS, "ECDSA-SHA256", ("--signature-format", "openssl"), ()),
                  (RSA, "SHA256-RSA-PKCS-PSS", (), ("-sigopt", "rsa_padding_mode:pss"))]

    def key_id(self, key):
        der = self.out("openssl", "pkey", "-pubin", "-in", self.public(key), "-pubout", "-outform", "DER")
        parsed = self.out("openssl", "asn1parse", "-inform", "DER", "-strparse",
                          self.bits_at(der), "-noout", "-out", "bits", stdin=der)
        self.assertEqual(parsed, b"")
        return self.out("openssl", "dgst", "-sha1", "-r", "bits").split()[0].decode()

    @staticmethod
    def bits_at(der):
        """Where the BIT STRING of a SubjectPublicKeyInfo begins."""
        head = 4 if der[1] == 0x82 else 3 if der[1] == 0x81 else 2
        return str(head + 2 + der[head + 1])

    def test_pkcs11_tool_lists_signs_and_verifies(self):
        listed = self.out("pkcs11-tool", "--module", self.module, "-O").decode()
        for kind in ("Private Key Object", "Public Key Object", "Certificate Object"):
            self.assertGreaterEqual(listed.count(kind), 3, listed)
        for key, mechanism, more, verifying in self.mechanisms:
            self.out("pkcs11-tool", "--module", self.module, "--sign", "--mechanism", mechanism, "--id",
                     self.key_id_of_tool(key), "--input-file", self.data_file, "--output-file", "sig", *more)
            self.assert_signed(key, "sig", *verifying)

    def test_pkcs11_tool_makes_a_key_that_openssl_finds_sound(self):
        for key, kind in (("org/acme/made_ec", "EC:prime256v1"), ("org/acme/made_rsa", "rsa:2048")):
            self.out("pkcs11-tool", "--module", self.module, "--keypairgen", "--key-type", kind, "--usage-sign",
                     "--label", key)
            text = self.out("p11tool", "--provider", self.module, "--export", "--outraw", uri(key, "data"))
            said = subprocess.run(["openssl", "pkey", "-check", "-noout"], input=text, capture_output=True)
            self.assertIn(b"Key is valid", said.stdout + said.stderr)

    def test_pkcs11_tool_derives_what_openssl_derives(self):
        made = "org/acme/agree_made"
        self.out("pkcs11-tool", "--module", self.module, "--keypairgen", "--key-type", "EC:prime256v1",
                 "--usage-derive", "--label", made)
        self.out("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "peer.key")
        self.out("openssl", "pkey", "-in", "peer.key", "-pubout", "-outform", "DER", "-out", "peer.der")
        (self.home / "made.key").write_bytes(
            self.out("p11tool", "--provider", self.module, "--export", "--outraw", uri(made, "data")))
        self.out("openssl", "pkey", "-in", "peer.key", "-pubout", "-out", "peer.pub")
        self.out("openssl", "pkeyutl", "-derive", "-inkey", "made.key", "-peerkey", "peer.pub", "-out", "expected")
        self.out("pkcs11-tool", "--module", self.module, "--derive", "--mechanism", "ECDH1-DERIVE", "--id",
                 self.key_id_of_tool(made), "--input-file", "peer.der", "--output-file", "derived")
        self.assertEqual((self.home / "derived").read_bytes(), (self.home / "expected").read_bytes())

    def test_pkcs11_tool_finds_nothing_wrong(self):
        said = self.start("pkcs11-tool", "--module", self.module, "--test", "--login")
        self.assertIn(b"No errors", said.stdout)

    def key_id_of_tool(self, key):
        """The CKA_ID that pkcs11-tool shows for a key."""
        lines = self.out("pkcs11-tool", "--module", self.module, "-O", "--type", "privkey").decode().splitlines()
        start = next(i for i, line in enumerate(lines) if line.split() == ["label:", key])
        return next(line.split()[-1] for line in lines[start:] if line.split()[0] == "ID:")

    def test_the_identifier_is_the_hash_of_the_public_key(self):
        for key in self.keys:
            self.assertEqual(self.key_id_of_tool(key), self.key_id(key))

    def test_gnutls_finds_and_tests_keys(self):
        listed = self.out("p11tool", "--provider", self.module, "--list-all-privkeys", "--only-urls").decode()
        self.assertEqual(len(listed.split()), len(self.keys), listed)
        for key in self.keys:
            self.out("p11tool", "--provider", self.module, "--test-sign", uri(key))
        exported = self.out("p11tool", "--provider", self.module, "--export", uri(TLS, "cert"))
        self.assertEqual(exported.strip(), self.certificate(TLS).read_bytes().strip())

    def test_openssl_signs_through_its_engine(self):
        for key in self.keys:
            self.out("openssl", "dgst", "-sha256", "-engine", "pkcs11", "-keyform", "engine", "-sign",
                     uri(key), "-out", "sig", self.data_file)
            self.assert_signed(key, "sig")
        self.out("openssl", "req", "-new", "-engine", "pkcs11", "-keyform", "engine", "-key", uri(TLS),
                 "-subj", "/CN=csr", "-out", "csr.pem")
        self.out("openssl", "req", "-in", "csr.pem", "-verify", "-noout")

    def test_nginx_serves_tls_and_curl_shows_a_client_certificate(self):
        port = free_port()
        user = f"user {getpass.getuser()};" if os.geteuid() == 0 else ""
        keep = " ".join(f"env {name};" for name in self.env if name.startswith(("SIDESEAT_", "PKCS11_", "VAULT_")))
        (self.home / "openssl.cnf").write_text(keys_page.block("ini", "engine_id"))
        self.env["OPENSSL_CONF"] = str(self.home / "openssl.cnf")
        (self.home / "nginx.conf").write_text(f"""
            daemon off; worker_processes 2; pid {self.home}/nginx.pid; error_log {self.home}/nginx.log info;
            {user} {keep} ssl_engine pkcs11;
            events {{ }}
            http {{
                access_log off;
                client_body_temp_path {self.home}/body; proxy_temp_path {self.home}/proxy;
                fastcgi_temp_path {self.home}/fcgi; uwsgi_temp_path {self.home}/uwsgi;
                scgi_temp_path {self.home}/scgi;
                server {{
                    listen 127.0.0.1:{port} ssl; server_name localhost;
                    ssl_certificate {self.certificate(TLS)};
                    ssl_certificate_key "engine:pkcs11:{uri(TLS)}";
                    ssl_client_certificate {self.home}/ca.crt; ssl_verify_client on;
                    location / {{ return 200 "hello $ssl_client_s_dn"; }}
                }}
            }}""")
        with self.running("nginx", "-c", self.home / "nginx.conf", "-e", self.home / "nginx.log", ready=port):
            for key in (RSA, TLS, RSA):
                said = self.out("curl", "--silent", "--show-error", "--fail", "--cacert", "ca.crt",
                                "--engine", "pkcs11", "--key-type", "ENG", "--key", uri(key),
                                "--cert", self.certificate(key), f"https://localhost:{port}/")
                self.assertEqual(said, b"hello CN=localhost")

    def test_gnutls_serves_tls(self):
        port = free_port()
        with self.running("gnutls-serv", "--port", port, "--http", "--provider", self.module,
                          "--x509certfile", self.certificate(TLS), "--x509keyfile", uri(TLS), ready=port):
            said = self.out("curl", "--silent", "--show-error", "--cacert", "ca.crt", f"https://localhost:{port}/")
            self.assertIn(b"GnuTLS", said)

    def ssh_server(self, port):
        self.out("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "host_key")
        keys = self.out("ssh-keygen", "-D", self.module).decode()
        self.assertIn(f" {SSH}", keys)
        (self.home / "authorized").write_text("".join(f"{line}\n" for line in keys.splitlines() if SSH in line))
        (self.home / "authorized").chmod(0o600)
        (self.home / "sshd_config").write_text(f"""
            ListenAddress 127.0.0.1
            Port {port}
            HostKey {self.home}/host_key
            PidFile none
            AuthorizedKeysFile {self.home}/authorized
            StrictModes no
            UsePAM no
            PermitRootLogin prohibit-password
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            """)
        if os.geteuid() == 0:
            pathlib.Path("/run/sshd").mkdir(exist_ok=True)
        return self.running(shutil.which("sshd", path=self.env["PATH"]), "-D", "-e", "-f",
                            self.home / "sshd_config", ready=port)

    def ssh(self, port, *more):
        return self.out("ssh", *(() if "-F" in more else ("-F", "/dev/null")), "-p", port, "-o",
                        "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "BatchMode=yes", *more,
                        f"{getpass.getuser()}@127.0.0.1", "echo logged in")

    def test_ssh_logs_in_with_a_key_of_the_store(self):
        port = free_port()
        with self.ssh_server(port):
            self.assertEqual(self.ssh(port, "-I", self.module), b"logged in\n")

    def test_ssh_takes_the_module_from_its_configuration(self):
        port = free_port()
        shown = keys_page.block("sshconfig", "PKCS11Provider").replace("server.example.org", "127.0.0.1")
        (self.home / "config").write_text(shown.replace(keys_page.MODULE, self.module))
        with self.ssh_server(port):
            self.assertEqual(self.ssh(port, "-F", self.home / "config"), b"logged in\n")

    def test_an_agent_holds_the_keys_for_ssh_and_git(self):
        port = free_port()
        (self.home / "ask").write_text("#!/bin/sh\necho\n")
        (self.home / "ask").chmod(0o700)
        agent_socket = self.home / "agent"
        agent = subprocess.Popen(["ssh-agent", "-D", "-a", agent_socket, "-P", f"{self.module}"],
                                 stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=self.env)
        self.addCleanup(agent.wait, 30)
        self.addCleanup(agent.terminate)
        while not agent_socket.exists():
            self.assertIsNone(agent.poll())
            time.sleep(0.05)
        self.env.update(SSH_AUTH_SOCK=str(agent_socket), SSH_ASKPASS=str(self.home / "ask"),
                        SSH_ASKPASS_REQUIRE="force")
        self.out("ssh-add", "-s", self.module)
        key = next(line for line in self.out("ssh-add", "-L").decode().splitlines() if line.endswith(SSH))
        with self.ssh_server(port):
            self.assertEqual(self.ssh(port), b"logged in\n")
        self.sign_a_commit(key)

    def sign_a_commit(self, key):
        repository = self.home / "repository"
        (self.home / "signers").write_text(f"a@example.org {' '.join(key.split()[:2])}\n")
        git = ("git", "-C", repository, "-c", "user.name=a", "-c", "user.email=a@example.org", "-c",
               "gpg.format=ssh", "-c", f"user.signingkey=key::{key}", "-c",
               f"gpg.ssh.allowedSignersFile={self.home}/signers")
        self.out("git", "init", "-q", repository)
        self.out(*git, "commit", "-q", "--allow-empty", "-S", "-m", "signed")
        said = self.start(*git, "verify-commit", "HEAD")
        self.assertIn(b"Good \"git\" signature", said.stdout + said.stderr)

    def test_java_signs_a_jar(self):
        shown = keys_page.block("properties", "slotListIndex")
        (self.home / "java.cfg").write_text(shown.replace(keys_page.MODULE, self.module))
        provider = ("-keystore", "NONE", "-storetype", "PKCS11", "-providerClass",
                    "sun.security.pkcs11.SunPKCS11", "-providerArg", self.home / "java.cfg")
        listed = self.out("keytool", "-list", *provider, "-storepass", "", stdin=b"\n").decode()
        self.assertGreaterEqual(listed.count("PrivateKeyEntry"), len(self.keys), listed)
        (self.home / "file").write_text("content")
        for key in (RSA, TLS):
            self.out("jar", "--create", "--file", "app.jar", "file")
            self.out("jarsigner", *provider, "-storepass", "", "app.jar", key)
            said = self.out("jarsigner", "-verify", "-verbose", "-certs", "app.jar").decode()
            self.assertIn("jar verified", said)

    def test_python_signs(self):
        python = interop.client("python-pkcs11")[0]
        script = """
import sys, pkcs11
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass
lib = pkcs11.lib(sys.argv[1])
token = lib.get_token(token_label="sideseat")
data = open("text", "rb").read()
with token.open() as session:
    key = session.get_key(object_class=ObjectClass.PRIVATE_KEY, label=sys.argv[2])
    assert key.key_type is KeyType.RSA
    open("sig", "wb").write(key.sign(data, mechanism=Mechanism.SHA512_RSA_PKCS))
    public = session.get_key(object_class=ObjectClass.PUBLIC_KEY, label=sys.argv[2])
    assert public.verify(data, open("sig", "rb").read(), mechanism=Mechanism.SHA512_RSA_PKCS)
    assert not public.verify(b"x" + data, open("sig", "rb").read(), mechanism=Mechanism.SHA512_RSA_PKCS)
    try:
        key[Attribute.PRIVATE_EXPONENT]
    except pkcs11.exceptions.AttributeSensitive:
        pass
    else:
        raise SystemExit("the private exponent was given out")
"""
        self.out(python, "-c", script, self.module, RSA)
        self.assert_signed(RSA, "sig", digest="-sha512")


class Remote(Pairs):
    """Through `p11-kit server`, which alone runs the module: these programs do not have it."""

    mechanisms = Pairs.mechanisms[:1]  # p11-kit 0.24 passes on no more

    def setUp(self):
        self.module = interop.p11kit_client()
        super().setUp()
        interop.serve(self)

    # these fork after the library has connected, and p11-kit's client of 0.24 does not survive that
    test_nginx_serves_tls_and_curl_shows_a_client_certificate = None
    # it does not pass on that mechanism either
    test_pkcs11_tool_derives_what_openssl_derives = None
    # its C_SeedRandom gives an error that pkcs11-tool counts
    test_pkcs11_tool_finds_nothing_wrong = None


if __name__ == "__main__":
    unittest.main()
