# SPDX-License-Identifier: Apache-2.0
"""sideseat-secrets.exe on a backend: the README's session, and what differs on Windows."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

WINE = pathlib.Path(__file__).parent / "wine.sh"
PROGRAM, CHILD, MODULE, TOOL, BACKEND = sys.argv[1:6]
VALUE = "s3cret \u00e4\u20ac \U0001f511"


def windows(path):
    return "Z:" + str(path).replace("/", "\\")


def ecdsa_der(signature):
    """The two numbers of an ECDSA signature as OpenSSL reads them."""
    half = len(signature) // 2
    whole = b""
    for number in (int.from_bytes(part, "big") for part in (signature[:half], signature[half:])):
        digits = number.to_bytes(number.bit_length() // 8 + 1, "big")
        whole += b"\x02" + bytes([len(digits)]) + digits
    return b"\x30" + bytes([len(whole)]) + whole


class Session(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="sideseat-session.", dir="/dev/shm")
        self.addCleanup(self.folder.cleanup)
        self.environment = {
            "SIDESEAT_PKCS11_MODULE": windows(MODULE),
            "SIDESEAT_SECRETS_BACKEND": BACKEND,
            "SIDESEAT_DATA_DIR": windows(f"{self.folder.name}/data"),
            "SIDESEAT_CONFIG": windows(f"{self.folder.name}/sideseat.json"),
        }
        pathlib.Path(self.folder.name, "sideseat.json").write_text("{}")
        if BACKEND == "credential-manager":
            keys = self.run_program("list").stdout.decode().split()
            if keys:
                self.run_program("delete", "--yes", *keys)

    def run_program(self, *words, given=b"", status=0, program=PROGRAM, **variables):
        # a file: Wine's programs see the end of a pipe late
        with tempfile.TemporaryFile() as file:
            file.write(given)
            file.seek(0)
            done = subprocess.run([WINE, program, *words], stdin=file, capture_output=True, check=False,
                                  timeout=60, env={**os.environ, "SIDESEAT_TEST_INPUT": "yes",
                                                   **self.environment, **variables})
        self.assertEqual(done.returncode, status, f"{words}: {done.stdout!r} {done.stderr!r}")
        return done

    def out(self, *words, **how):
        return self.run_program(*words, **how).stdout

    def test_readme(self):
        self.out("set", "org/acme/openai_api_key", given=b"sk-live-123")
        self.out("set", "project/p1/webhook_secret", given=b"whsec-456")
        self.assertEqual(self.out("get", "org/acme/openai_api_key"), b"sk-live-123")
        self.assertEqual(self.out("get", "project/p1/webhook_secret"), b"whsec-456")
        self.assertEqual(self.out("ensure"),
                         b"global/jwt_signing_key: created\nglobal/api_key_secret: created\n")
        token = self.out("jwt", "global/jwt_signing_key", given=b'{"sub": "u1"}\n')
        self.assertEqual(token.split(b".")[0], b"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9")
        self.out("delete", "project/p1/webhook_secret")
        self.assertEqual(sorted(self.out("list").split()), [
            b"global/api_key_secret", b"global/jwt_signing_key", b"org/acme/openai_api_key"])
        mac = self.out("sign", "global/jwt_signing_key", given=b"text").strip().decode()
        self.out("verify", "--signature", mac, "global/jwt_signing_key", given=b"text")
        self.out("verify", "--signature", mac, "global/jwt_signing_key", given=b"other", status=1)

    def test_values_are_bytes_and_words_are_utf8(self):
        value = b"\x00\x1a\r\n\n\xff" + VALUE.encode()
        self.out("set", "org/\u00e4\u20ac/name", given=value)
        self.assertEqual(self.out("get", "org/\u00e4\u20ac/name"), value)
        self.assertEqual(self.out("list").decode(), "org/\u00e4\u20ac/name\n")
        self.out("rename", "org/\u00e4\u20ac/name", "global/plain")
        self.assertEqual(self.out("search", "PLAIN"), b"global/plain\n")
        self.assertIn(b"object=global%2Fplain", self.out("uri", "global/plain"))
        self.assertEqual(
            self.out("get", "pkcs11:token=sideseat;object=global%2Fplain;type=data"), value)

    def test_a_file_with_a_foreign_name_is_read(self):
        path = f"{self.folder.name}/\u00e4\u20ac.txt"
        pathlib.Path(path).write_bytes(VALUE.encode())
        self.out("set", "--file", windows(path), "global/a")
        self.assertEqual(self.out("get", "global/a").decode(), VALUE)

    def test_a_program_gets_secrets_and_gives_its_status(self):
        self.out("set", "global/a", given=VALUE.encode())
        words = ['two words', 'quote " inside', 'slash \\', 'both \\"', '', '\u00e4\u20ac']
        done = self.run_program("run", "--env", "SECRET=global/a", "--", CHILD, *words, status=7,
                                OTHER="kept")
        self.assertEqual(done.stdout.decode(), "\n".join([*words, VALUE, "kept", ""]))
        clean = self.run_program("run", "--clean", "--env", "secret=global/a", "--", CHILD, status=7,
                                 OTHER="kept").stdout.decode()
        self.assertEqual(clean, f"{VALUE}\n-\n")
        self.run_program("run", "--env", "A=global/a", "--", "no-such-program", status=127)
        batch = pathlib.Path(self.folder.name, "x.bat")
        batch.write_text("exit 0")
        self.run_program("run", "--env", "A=global/a", "--", windows(batch), status=126)

    def test_what_decides_which_code_runs_is_no_name_of_a_scope(self):
        for name in ("path", "Path", "comspec"):
            self.out("set", f"org/x/{name}", given=b"a")
            self.out("run", "--all", "--scope", "org/x", "--", CHILD, status=2)
            self.out("delete", f"org/x/{name}")

    def test_what_is_not_there_is_refused(self):
        self.out("set", "global/a", given=b"one")
        for words, text in ((("run", "--file", "A=global/a", "--", CHILD), b"never touches a disk"),
                            (("edit", "global/a"), b"never touches a disk"),
                            (("csr", "global/a"), b"needs OpenSSL"),
                            (("cert", "import", "global/a"), b"needs OpenSSL"),
                            (("sign", "--encoding", "der", "global/a"), b"needs OpenSSL"),
                            (("watch", "--signal", "HUP", "global/a", CHILD), b"does not work on Windows"),
                            (("get",), b"which KEY"),
                            (("get", "--nonsense"), b"unrecognized option '--nonsense'"),
                            (("nonsense",), b"no command")):
            self.assertIn(text, self.run_program(*words, status=2).stderr, words)
        self.assertIn(b"no terminal", self.run_program("login", "--pin", status=5).stderr)
        self.assertEqual(self.out("get", "global/a"), b"one")
        self.assertIn(b"no secret", self.run_program("get", "global/b", status=3).stderr)

    def test_key_pairs(self):
        """A key that the module makes with OpenSSL's libcrypto signs what the system's own OpenSSL verifies."""
        home = pathlib.Path(self.folder.name)
        (home / "sideseat.json").write_text('{"pkcs11": {"keys": [{"key": "global/tls_*"}]}}')
        for name, kind in (("tls_rsa", "rsa:2048"), ("tls_p256", "ec:P-256")):
            self.out("keygen", "--type", kind, f"global/{name}")
            point = self.out("pubkey", "--format", "ssh", f"global/{name}")
            (home / "ssh").write_bytes(point)
            (home / "pem").write_bytes(subprocess.run(
                ["ssh-keygen", "-e", "-m", "PKCS8", "-f", home / "ssh"], check=True, capture_output=True).stdout)
            signature = self.out("sign", "--encoding", "raw", f"global/{name}", given=b"text")
            (home / "sig").write_bytes(ecdsa_der(signature) if kind == "ec:P-256" else signature)
            (home / "text").write_bytes(b"text")
            subprocess.run(["openssl", "dgst", "-sha256", "-verify", home / "pem", "-signature", home / "sig",
                            home / "text"], check=True, capture_output=True)

    def test_key_pairs_without_libcrypto(self):
        """The message names the folder, and what belongs there."""
        home = pathlib.Path(self.folder.name)
        (home / "sideseat.json").write_text('{"pkcs11": {"keys": [{"key": "global/tls_*"}]}}')
        shutil.copy(MODULE, home / "sideseat-pkcs11.dll")
        alone = windows(home / "sideseat-pkcs11.dll")
        done = self.run_program("keygen", "--type", "ec:P-256", "global/tls_x", status=1,
                                SIDESEAT_PKCS11_MODULE=alone)
        self.assertIn(b"libcrypto-3-x64.dll", done.stderr)
        self.assertIn(home.name.encode(), done.stderr)
        self.assertEqual(self.out("list", SIDESEAT_PKCS11_MODULE=alone), b"")

    def test_pkcs11_tool(self):
        """OpenSC's client, and this project's program, see what the other one stores."""
        def tool(*words, **how):
            return self.out("--module", windows(MODULE), *words, program=TOOL, **how)
        label = ("--type", "data", "--label", "project/p1/webhook_secret")
        value = pathlib.Path(self.folder.name, "hook")
        value.write_bytes(b"whsec-456\r\n\x1a\x00")
        self.out("set", "org/acme/openai_api_key", given=b"sk-live-123")
        tool("--write-object", windows(value), *label)
        self.assertEqual(self.out("get", "project/p1/webhook_secret"), value.read_bytes())
        listed = tool("--list-objects", "--type", "data")
        for key in (b"org/acme/openai_api_key", b"project/p1/webhook_secret"):
            self.assertIn(key, listed)
        read = pathlib.Path(self.folder.name, "read")
        tool("--read-object", *label, "--output-file", windows(read))
        self.assertEqual(read.read_bytes(), value.read_bytes())
        self.assertIn(b"SHA256-HMAC", tool("--list-mechanisms"))
        tool("--delete-object", *label)
        self.run_program("get", "project/p1/webhook_secret", status=3)

    def test_others_give_neither_a_module_nor_a_token(self):
        """Windows would look for the paths of other systems on the current drive."""
        said = self.run_program("list", status=1, SIDESEAT_PKCS11_MODULE="").stderr
        self.assertIn(b"none is installed with this program; give its path with --module", said)
        shown = self.out("config", "show", SIDESEAT_SECRETS_BACKEND="vault")
        self.assertIn(b"vault.auth.method", shown)
        self.assertNotIn(b"jwt_file", shown)

    def test_a_path_that_is_not_absolute_is_refused_in_the_words_of_windows(self):
        said = self.run_program("list", status=2, SIDESEAT_CONFIG="\\sideseat.json").stderr
        self.assertIn(b"SIDESEAT_CONFIG: must be an absolute path (such as C:\\folder\\file)", said)

    def test_a_program_runs_at_a_change(self):
        self.out("set", "global/a", given=b"one")
        with subprocess.Popen([WINE, PROGRAM, "watch", "--interval", "1s", "global/a", CHILD, "seen"],
                              stdout=subprocess.PIPE, env={**os.environ, **self.environment}) as watch:
            os.set_blocking(watch.stdout.fileno(), False)
            seen = None
            for at in range(40):  # it may begin late
                self.out("set", "global/a", given=b"value %d" % at)
                seen = watch.stdout.readline()
                if seen:
                    break
                time.sleep(0.5)
            watch.kill()
        self.assertEqual(seen, b"seen\n")

    def test_import_export_check_and_the_configuration(self):
        manifest = pathlib.Path(self.folder.name, "manifest.json")
        self.out("import", given=b"A_B=one\nC='two words'\n")
        self.assertEqual(self.out("export", "--force"), b"A_B=one\nC='two words'\n")
        self.assertIn(b'"a_b":"one"', self.out("export", "--format", "json").replace(b" ", b"")
                      .replace(b"global/", b""))
        manifest.write_text('{"required": {"global/a_b": {"pattern": "^(one|three)$"}}}')
        self.out("check", windows(manifest))
        self.assertIn(b"data_dir", self.out("config", "show"))
        self.out("config", "set", "secrets.timeout_ms", "9000")
        self.out("config", "set", "secrets.timeout_ms", "9001")
        self.assertIn("9001", pathlib.Path(self.folder.name, "sideseat.json").read_text())
        self.assertIn(BACKEND.encode(), self.out("status"))
        self.assertIn(b"ok", self.out("doctor", "--write"))
        for page in ("", "set", "run"):
            self.assertIn(b"--module=PATH", self.out(*filter(None, (page,)), "--help"))


unittest.main(argv=["test_session"])
