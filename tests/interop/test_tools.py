# SPDX-License-Identifier: Apache-2.0
"""The command line programs of GnuTLS, OpenSC, NSS, p11-kit and pkcs11-data, in process and through
`p11-kit server`, as people and scripts call them."""

import hmac
import os
import pathlib
import re
import subprocess
import sys
import unittest

import interop

URI = "pkcs11:token=sideseat;object=org%2Facme%2Fapi_key;type=data"
LABEL = "org/acme/api_key"
VALUE = b"sk-live-123\0\xff\n"
SECRET = bytes(range(32))
JWT = "global/jwt_signing_key"

interop.need("p11tool", "pkcs11-tool", "modutil", "certutil", "symkeyutil", "p11-kit", "pkcs11-data",
             "openssl")


class Tools(interop.Case):
    """In process. Remote below runs the same cases through a server."""

    module = interop.MODULE
    errors_of_opensc = set()

    def p11tool(self, *words, **more):
        return self.out("p11tool", "--provider", self.module, "--batch", *words, **more)

    def opensc(self, *words, **more):
        return self.out("pkcs11-tool", "--module", self.module, *words, **more)

    def write(self, label, value):
        (self.home / "value").write_bytes(value)
        self.opensc("--write-object", "value", "--type", "data", "--label", label,
                    "--application-label", "sideseat", "--private")

    def key_id(self, label):
        """The CKA_ID by which pkcs11-tool 0.23 finds a key to sign with."""
        lines = self.opensc("-O", "--type", "secrkey").decode().splitlines()
        start = next(i for i, line in enumerate(lines) if line.split() == ["label:", label])
        return next(line.split()[-1] for line in lines[start:] if line.split()[0] == "ID:")

    def signature(self, text, *options):
        (self.home / "text").write_bytes(text)
        self.opensc("--sign", "--mechanism", "SHA256-HMAC", "--id", self.key_id(JWT),
                    "--input-file", "text", "--output-file", "signature", *options)
        return (self.home / "signature").read_bytes()

    def test_p11tool_lists_reads_and_deletes(self):
        self.write(LABEL, VALUE)
        self.write("global/x", b"y")
        self.assertIn(b"sideseat", self.p11tool("--list-tokens"))
        urls = self.p11tool("--list-all", "--only-urls", "pkcs11:token=sideseat;type=data").decode()
        self.assertIn("object=org%2Facme%2Fapi_key;", urls)
        self.assertEqual(len(urls.split()), 2)
        self.assertEqual(self.p11tool("--export", "--outraw", URI), VALUE)
        self.assertEqual(self.p11tool("--login", "--export", "--outraw", URI), VALUE)
        self.assertEqual(self.p11tool("--login", "--export", "--outraw", URI, GNUTLS_PIN="1234"), VALUE)
        self.assertIn(b"Label: org/acme/api_key", self.p11tool("--info", URI))
        self.p11tool("--delete", URI)
        self.assertNotEqual(
            self.start("p11tool", "--provider", self.module, "--export", URI).returncode, 0)

    def test_a_whole_url_of_p11tool_survives_a_change_of_store(self):
        self.write(LABEL, VALUE)
        url = self.p11tool("--list-all", "--only-urls", "pkcs11:type=data").decode().strip()
        for part in ("model=", "manufacturer=", "serial=", "token="):
            self.assertIn(part, url)
        read = subprocess.run(
            ["p11tool", "--provider", interop.MODULE, "--batch", "--export", "--outraw", url],
            env={**self.env, "SIDESEAT_SECRETS_BACKEND": "env", "SIDESEAT_SECRET_ORG_ACME_API_KEY": "other"},
            capture_output=True, timeout=60, check=True)
        self.assertEqual(read.stdout, b"other")

    def test_pkcs11_tool_lists_reads_replaces_and_deletes(self):
        self.write(LABEL, b"old")
        self.write(LABEL, VALUE)
        listed = self.opensc("-O").decode()
        self.assertEqual(listed.count("Data object"), 1)
        self.assertIn(LABEL, listed)
        read = ("--read-object", "--type", "data", "--label", LABEL)
        self.assertEqual(self.opensc(*read), VALUE)
        self.assertEqual(self.opensc("--login", "--pin", "1234", *read), VALUE)
        self.assertEqual(self.opensc("--read-object", "--type", "data", "--application-label",
                                     "sideseat"), VALUE)
        self.opensc("--delete-object", "--type", "data", "--label", LABEL)
        self.assertNotEqual(
            self.start("pkcs11-tool", "--module", self.module, *read).returncode, 0)

    def test_pkcs11_tool_signs_short_and_long_texts(self):
        self.write(JWT, SECRET.hex().encode())
        for text in (b"short", b"long\0" * 10000):
            self.assertEqual(self.signature(text), hmac.digest(SECRET, text, "sha256"))

    def test_pkcs11_tool_generates_a_key_that_signs(self):
        self.opensc("--keygen", "--key-type", "GENERIC:32", "--label", JWT, "--sensitive")
        hidden = self.opensc("--read-object", "--type", "data", "--label", JWT)
        secret = bytes.fromhex(hidden.decode())
        self.assertEqual(len(secret), 32)
        self.assertEqual(self.signature(b"text"), hmac.digest(secret, b"text", "sha256"))
        again = self.start("pkcs11-tool", "--module", self.module, "--keygen", "--key-type",
                           "GENERIC:32", "--label", JWT)
        self.assertNotEqual(again.returncode, 0)
        self.assertEqual(self.opensc("--read-object", "--type", "data", "--label", JWT), hidden)

    def test_pkcs11_tool_tests_the_module(self):
        self.assertIn(b"SHA256-HMAC", self.opensc("-M"))
        self.assertEqual(len(self.opensc("--generate-random", "32")), 32)
        done = self.start("pkcs11-tool", "--module", self.module, "--test")
        errors = re.findall(r"ERR: (.*) failed", (done.stdout + done.stderr).decode())
        self.assertLessEqual(set(errors), self.errors_of_opensc)
        self.assertEqual(done.returncode, 0)

    def test_pkcs11_data_lists_exports_imports_and_removes(self):
        self.write("global/x", b"y")
        data = ("pkcs11-data", f"--add-provider={self.module}", "--public")
        tokens = self.out("pkcs11-data", f"--add-provider={self.module}", "--cmd=tokens").decode()
        token = re.search(r" id='([^']*)'", tokens).group(1)
        name = ("--application=sideseat", f"--label={LABEL}")
        (self.home / "in").write_bytes(VALUE)
        self.out(*data, "--cmd=import", f"--token={token}", *name, "--file=in")
        listed = self.out(*data, "--cmd=list", f"--token={token}").decode()
        self.assertIn(LABEL, listed)
        self.assertIn("global/x", listed)
        self.out(*data, "--cmd=export", f"--token={token}", *name, "--file=out")
        self.assertEqual((self.home / "out").read_bytes(), VALUE)
        self.out(*data, "--cmd=remove", f"--token={token}", *name)
        self.assertNotIn(LABEL, self.out(*data, "--cmd=list", f"--token={token}").decode())

    def test_nss_loads_the_module_and_lists_its_keys(self):
        self.write(JWT, SECRET.hex().encode())
        database = f"sql:{self.home}/nss"
        (self.home / "nss").mkdir()
        self.out("certutil", "-N", "-d", database, "--empty-password")
        self.out("modutil", "-dbdir", database, "-force", "-add", "sideseat", "-libfile", self.module)
        listed = self.out("modutil", "-dbdir", database, "-list", "sideseat").decode()
        self.assertIn("Token Name: sideseat", listed.replace("Token Name:  ", "Token Name: "))
        self.assertNotIn("needs user init", self.out("certutil", "-U", "-d", database).decode())
        keys = self.out("symkeyutil", "-L", "-d", database, "-h", "sideseat").decode()
        self.assertIn(JWT, keys)
        self.out("modutil", "-dbdir", database, "-force", "-delete", "sideseat")


class Local(Tools):
    """Attributes that only the module in the same process can show."""

    def test_pkcs11_tool_forks(self):
        self.opensc("--test-fork")

    def test_page_of_the_tools_prints_its_own_output(self):
        page = pathlib.Path(os.environ["SIDESEAT_TEST_SOURCE"], "docs/clients/tools.md").read_text()
        script, printed = (re.search(rf"^```{language}\n(.*?)^```", page, re.M | re.S).group(1)
                           for language in ("sh", "text"))
        out = self.out("bash", "-euo", "pipefail", "-c", script, module=self.module, TMPDIR=str(self.home))
        lines = [line.rstrip() for line in out.decode().splitlines() if line.strip()]
        self.assertEqual(lines, printed.splitlines())

    def test_p11kit_and_gnutls_find_the_configured_module(self):
        # p11-kit reads the user's folder for ordinary users only
        folder = self.home / ".config/pkcs11/modules"
        folder.mkdir(parents=True)
        (folder / "sideseat.module").write_text(f"module: {self.module}\n")
        user = ("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups")
        if os.getuid() == 0:
            interop.need("setpriv")
            for path in (self.home, *self.home.rglob("*")):
                os.chown(path, 65534, 65534)
            if self.start(*user, "test", "-r", self.module).returncode != 0:
                self.skipTest("another user cannot read the build folder")
        words = user if os.getuid() == 0 else ()
        listed = self.out(*words, "p11-kit", "list-modules").decode()
        self.assertIn("token: sideseat", listed)
        self.assertIn("token=sideseat", self.out(*words, "p11tool", "--list-tokens").decode())

    def test_a_denied_or_damaged_store_is_an_error_to_nss(self):
        script = pathlib.Path(__file__).with_name("nss_keys.py")
        nss = (sys.executable, "-B", script, self.module)
        self.assertEqual(self.out(*nss), b"keys 0\n")
        self.write(JWT, SECRET.hex().encode())
        self.assertEqual(self.out(*nss), b"keys 1\n")
        path = self.data / "secrets.json"
        path.chmod(0o666)
        self.assertRegex(self.out(*nss), rb"\Aerror -\d+\n\Z")
        path.chmod(0o600)
        path.write_text('{"version": 2,')
        self.assertRegex(self.out(*nss), rb"\Aerror -\d+\n\Z")

    def test_a_denied_or_damaged_store_is_an_error_to_each_client(self):
        self.write(LABEL, VALUE)
        path = self.data / "secrets.json"
        states = {"denied": lambda: path.chmod(0o666),
                  "damaged": lambda: (path.chmod(0o600), path.write_text('{"version": 2,'))}
        for state, enter in states.items():
            enter()
            for words in (("p11tool", "--provider", self.module, "--batch", "--export", URI),
                          ("p11tool", "--provider", self.module, "--batch", "--list-all",
                           "pkcs11:token=sideseat"),
                          ("pkcs11-tool", "--module", self.module, "--read-object", "--type", "data",
                           "--label", LABEL),
                          ("pkcs11-data", f"--add-provider={self.module}", "--public", "--cmd=export",
                           "--application=sideseat", f"--label={LABEL}", "--file=exported")):
                with self.subTest(f"{words[0]}: {state}"):
                    done = self.start(*words)
                    self.assertNotEqual(done.returncode, 0, done.stderr)
                    self.assertNotIn(VALUE, done.stdout)


class Remote(Tools):
    """The same through `p11-kit server` and p11-kit-client.so."""

    # p11-kit 0.24 cannot ask any module for zero random bytes; 0.25 can
    errors_of_opensc = {"C_GenerateRandom(buf1,0)"}

    def setUp(self):
        super().setUp()
        self.module = interop.p11kit_client()
        interop.serve(self)


if __name__ == "__main__":
    del Tools
    unittest.main()
